-- Sources that are URLs. What such a source is, is known once a worker has fetched it.
alter table build
    alter column source_size drop not null,
    alter column source_sha256 drop not null,
    -- Without user info and query: for people.
    add column source_url text,
    -- Whether it has user info or a query. Stays when those are erased.
    add column source_url_private boolean not null default false,
    -- The URL with them, encrypted; only as long as it is to be fetched.
    add column source_url_secret bytea,
    -- Whether the only directory at the archive's top is the source's root, as in archives of a tag.
    add column source_strip_root boolean not null default false,

    add constraint build_source_known_whole check ((source_size is null) = (source_sha256 is null)),
    add constraint build_source_known_unless_url check (source_kind = 'URL' or source_sha256 is not null),
    add constraint build_succeeded_has_source check (status <> 'SUCCEEDED' or source_sha256 is not null),
    add constraint build_url_source_has_url check ((source_kind = 'URL') = (source_url is not null)),
    add constraint build_source_url_has_no_query check (source_url not like '%?%'),
    add constraint build_source_url_secret_is_private check (source_url_secret is null or source_url_private),
    add constraint build_fetched_has_no_url_secret check (source_sha256 is null or source_url_secret is null),
    drop constraint build_ended_has_no_secret,
    add constraint build_ended_has_no_secret
        check (finished_at is null or (credentials is null and source_url_secret is null));
