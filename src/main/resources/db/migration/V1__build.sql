-- One row a build: small and hot. What grows (the log) stands apart.
create table build (
    id               uuid primary key,
    number           bigint generated always as identity unique,
    status           text not null default 'QUEUED',
    -- 0 before the first claim, +1 with every claim, never reset: the fencing token.
    attempt          integer not null default 0,
    -- Lost leases since the last retry.
    crashes          integer not null default 0,
    cancel_requested boolean not null default false,
    created_at       timestamptz not null default clock_timestamp(),
    -- The order of claims: kept when a build is handed back, new on a retry.
    queued_at        timestamptz not null default clock_timestamp(),
    started_at       timestamptz,
    finished_at      timestamptz,
    lease_owner      text,
    lease_until      timestamptz,
    -- What a running build is doing, or what the last attempt did last.
    step             text,

    source_kind      text not null,
    source_size      bigint not null,
    source_sha256    text not null,
    -- BuildOptions as JSON.
    options          text not null,
    -- The first target without its tag: which slot is likely to have its layers.
    repository       text not null,

    image_id         text,
    -- A stage waits beside the source: pushing is all that is left to do.
    staged           boolean not null default false,

    error_code       text,
    error_detail     text,
    error_step       text,
    error_exit_code  integer,

    -- The registry host that the request's own credentials are for, and whether it brought any.
    credentials_host text,
    -- Encrypted; only in the row of an unfinished build.
    credentials      bytea,

    -- The format it came through and that format's own fields, as JSON, never secrets.
    origin           text not null default 'api',
    origin_fields    text not null default '{}',

    constraint build_status_known check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    constraint build_step_known check (step in ('FETCH', 'UNPACK', 'PULL', 'BUILD', 'TAG', 'LOGIN', 'PUSH')),
    constraint build_source_kind_known check (source_kind in ('ARCHIVE', 'DOCKERFILE', 'URL')),
    constraint build_running_has_lease
        check ((status = 'RUNNING') = (lease_owner is not null) and (status = 'RUNNING') = (lease_until is not null)),
    constraint build_running_was_claimed check (status not in ('RUNNING', 'SUCCEEDED') or attempt > 0),
    constraint build_ended_has_time
        check ((status in ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at is not null)),
    constraint build_failed_has_error check ((status in ('FAILED', 'CANCELLED')) = (error_code is not null)),
    constraint build_succeeded_has_image check (status <> 'SUCCEEDED' or image_id is not null),
    constraint build_ended_has_no_secret check (finished_at is null or credentials is null)
);

create index build_claimable on build (queued_at, number) where status = 'QUEUED';
create index build_leased on build (lease_until) where status = 'RUNNING';
-- Lists filtered by status; those of all builds go by the unique index on number.
create index build_by_status on build (status, number desc);

-- The transition table of BuildStatus once more: no path through our code, nor a hand in psql, can leave a final state
-- but by a retry.
create function build_guard_transition() returns trigger language plpgsql as $$
begin
    if (old.status, new.status) not in (
        ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'),
        ('RUNNING', 'SUCCEEDED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED'), ('RUNNING', 'QUEUED'),
        ('FAILED', 'QUEUED'), ('CANCELLED', 'QUEUED')
    ) then
        raise check_violation using
            constraint = 'build_transition_allowed',
            message = format('a build cannot go from %s to %s', old.status, new.status);
    end if;
    return new;
end $$;

create trigger build_transition before update of status on build
    for each row when (old.status is distinct from new.status) execute function build_guard_transition();

create table build_step (
    build_id    uuid not null references build (id) on delete cascade,
    attempt     integer not null,
    -- Counts the attempt's steps from 1: with several targets, LOGIN and PUSH come more than once.
    position    integer not null,
    step        text not null,
    status      text not null default 'running',
    started_at  timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (build_id, attempt, position),
    constraint build_step_status_known check (status in ('running', 'succeeded', 'failed')),
    constraint build_step_ended_has_time check ((status = 'running') = (finished_at is null))
);

create table build_target (
    build_id uuid not null references build (id) on delete cascade,
    position integer not null,
    image    text not null,
    status   text not null default 'pending',
    digest   text,
    error    text,
    primary key (build_id, position),
    constraint build_target_status_known check (status in ('pending', 'pushed', 'failed', 'superseded')),
    constraint build_target_pushed_has_digest check ((status = 'pushed') = (digest is not null))
);

create index build_target_by_image on build_target (image);

-- Whose turn it is to push a tag, and who pushed it last: two builds never push one tag at once, and a tag never
-- moves back to a build that was queued earlier.
create table push_turn (
    image          text primary key,
    holder         uuid,
    holder_attempt integer,
    last_queued_at timestamptz,
    last_number    bigint,
    constraint push_turn_holder_has_attempt check ((holder is null) = (holder_attempt is null))
);
