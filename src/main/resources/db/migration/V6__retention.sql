-- What retention needs: to find the oldest of many finished builds by an index, whatever is to be taken from them.
alter table build
    -- Its source and stage were taken; it cannot be retried any more.
    add column source_gone boolean not null default false,
    -- How much of its log retention could still take; 0 until the build ends, and when it was taken.
    add column log_bytes bigint not null default 0;

-- The log is closed before its build ends, so it is measured once, by the statement that ends the build.
create function build_measure_log() returns trigger language plpgsql as $$
begin
    new.log_bytes := (select coalesce(sum(l.bytes), 0) from build_log l where l.build_id = new.id);
    return new;
end $$;

create trigger build_measured before update of status on build
    for each row when (new.status in ('SUCCEEDED', 'FAILED', 'CANCELLED') and old.status is distinct from new.status)
    execute function build_measure_log();

update build set log_bytes = (select coalesce(sum(l.bytes), 0) from build_log l where l.build_id = build.id)
    where finished_at is not null;

create index build_finished on build (finished_at) where finished_at is not null;
create index build_log_kept on build (finished_at) include (log_bytes) where finished_at is not null and log_bytes > 0;

-- Which database this is, however it is reached: a directory of sources says whose it is.
create table database_identity (
    only_row boolean primary key default true,
    id       uuid not null default gen_random_uuid(),
    constraint database_identity_has_one_row check (only_row)
);

insert into database_identity default values;
