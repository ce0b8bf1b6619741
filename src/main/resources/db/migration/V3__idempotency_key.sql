-- A request that carries a key finds the build that the same request made before. The primary key decides a race.
create table idempotency_key (
    key         text primary key,
    -- SHA-256 of what was asked for, without credentials: the same key with another request is a mistake of the caller.
    fingerprint text not null,
    build_id    uuid not null references build (id) on delete cascade,
    created_at  timestamptz not null default clock_timestamp(),
    constraint idempotency_key_length check (char_length(key) between 1 and 255)
);

create index idempotency_key_by_build on idempotency_key (build_id);
