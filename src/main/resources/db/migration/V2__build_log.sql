-- The log of builds: one row per stored batch of lines. Large, written once, read in order of n.
create table build_log (
    build_id   uuid not null references build (id) on delete cascade,
    -- The numbers of its first and last line; they run on across attempts. A hole between two rows is what the log's
    -- cap left out.
    first_n    bigint not null,
    last_n     bigint not null,
    attempt    integer not null,
    -- Counts an attempt's batches from 1, so that a batch sent again after a lost answer is recognised; 0 is a note
    -- from outside the attempt. Part of no index: it is only looked for among the few newest rows.
    batch      integer not null,
    bytes      integer not null,
    written_at timestamptz not null default clock_timestamp(),
    -- LineCodec's form: the lines' text as it is, with a heading line (it begins with U+0001, which no line can hold)
    -- wherever time, stream or step change. Readable in psql, and half the size of JSON.
    lines      text not null,
    -- By last_n and not first_n: both "what comes behind line n" and "the highest n" are then one range of the index.
    primary key (build_id, last_n),
    constraint build_log_numbers_rise check (first_n between 1 and last_n)
);

-- Stores one batch and returns its last n, or null where the writer no longer owns the build (p_attempt null: a note by
-- anyone, to any existing build). p_known is the highest n the writer knows of, p_skipped counts the lines it dropped
-- before this batch; rows of its own with p_cut_from < last_n <= p_cut_to are deleted: the rolling tail.
--
-- A function, because all of it must be one round trip: the lock on the build's row makes numbers rise in the order of
-- commits (a follower would never see a lower one that comes later) and makes the fence exact, but a worker that freezes
-- between two round trips would keep that lock from the rescuer for ever. Each statement in here has its own snapshot,
-- so max(last_n) is read after the lock is held.
create function build_log_append(
    p_build uuid, p_attempt integer, p_batch integer, p_known bigint, p_skipped bigint,
    p_count integer, p_lines text, p_cut_from bigint, p_cut_to bigint
) returns bigint language plpgsql as $$
declare
    owned_attempt integer;
    stored_n bigint;
    top_n bigint;
begin
    select b.attempt into owned_attempt from build b
        where b.id = p_build and (p_attempt is null or (b.attempt = p_attempt and b.status = 'RUNNING'))
        for no key update;
    if not found then
        return null;
    end if;

    select l.last_n into stored_n from build_log l
        where l.build_id = p_build and l.last_n > p_known and l.attempt = owned_attempt
            and l.batch = p_batch and p_batch > 0;
    if found then
        return stored_n;
    end if;

    select coalesce(max(l.last_n), 0) + p_skipped into top_n from build_log l where l.build_id = p_build;
    insert into build_log (build_id, first_n, last_n, attempt, batch, bytes, lines)
        values (p_build, top_n + 1, top_n + p_count, owned_attempt, p_batch, octet_length(p_lines), p_lines);
    if p_cut_to > p_cut_from then
        delete from build_log l
            where l.build_id = p_build and l.last_n > p_cut_from and l.last_n <= p_cut_to
                and l.attempt = owned_attempt and l.batch > 0;
    end if;
    perform pg_notify('slipway_log', p_build::text);
    return top_n + p_count;
end $$;

-- The end of a build wakes its followers like a line does.
create function build_log_notify_end() returns trigger language plpgsql as $$
begin
    perform pg_notify('slipway_log', new.id::text);
    return null;
end $$;

create trigger build_log_end after update of status on build
    for each row when (new.status in ('SUCCEEDED', 'FAILED', 'CANCELLED')) execute function build_log_notify_end();
