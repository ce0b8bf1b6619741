-- What the queue costs must not depend on how many builds have ended, nor on how many versions of rows a transaction
-- that is left open keeps alive: those cannot be taken out of an index, and whoever scans it looks at each of them.
--
-- So each of these indexes is for one question alone. Their conditions say by other columns what the status says (the
-- CHECKs hold the two together), and a statement about one build, which names its id and a status, cannot fall into one
-- of them instead of the primary key. None holds lease_until, so that renewing a lease writes no index at all.
drop index build_claimable;
drop index build_leased;
drop index build_by_status;
create index build_claimable on build (queued_at, number) where finished_at is null and lease_owner is null;
create index build_running on build (lease_owner) where finished_at is null and lease_owner is not null;
create index build_ended on build (status, number) where finished_at is not null;

-- The builds of an image, or of all its tags, are one range of an index, the newest at its end.
drop index build_target_by_image;
alter table build_target
    add column repository text not null generated always as (regexp_replace(image, ':[^:/]*$', '')) stored,
    add column build_number bigint;
update build_target set build_number = build.number from build where build.id = build_target.build_id;
alter table build_target alter column build_number set not null;

-- By the database, so that services of an earlier version go on beside this one.
create function build_target_take_number() returns trigger language plpgsql as $$
begin
    new.build_number := (select number from build where id = new.build_id);
    return new;
end $$;

create trigger build_target_number before insert on build_target
    for each row when (new.build_number is null) execute function build_target_take_number();

create index build_target_by_image on build_target (image, build_number);
create index build_target_by_repository on build_target (repository, build_number);

create index idempotency_key_by_age on idempotency_key (created_at);
