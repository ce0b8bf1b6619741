-- Lists of the builds of one wire format: however many others there are, its newest are one range of the index.
create index build_by_origin on build (origin, number desc);
