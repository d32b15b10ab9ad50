-- +goose Up

-- The nodes that have written here, and how many transactions each has committed.
CREATE TABLE nodes (
    node          text   PRIMARY KEY,
    commit_number bigint NOT NULL
);

-- The shards there are, and the last lease of each; expires_at is 0 while it is
-- free, and epoch until it is taken for the first time. Sixteen, so that as many
-- nodes can share the work.
CREATE TABLE leases (
    shard      integer PRIMARY KEY,
    node       text    NOT NULL,
    epoch      bigint  NOT NULL CHECK (epoch >= 0),
    expires_at bigint  NOT NULL
);

INSERT INTO leases (shard, node, epoch, expires_at)
SELECT shard, '', 0, 0 FROM generate_series(0, 15) AS shard;

-- An identity: an id is never used again.
CREATE TABLE graphs (
    id          bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    project     text    COLLATE "C" NOT NULL,
    name        text    COLLATE "C" NOT NULL,
    description text    NOT NULL,
    created_at  bigint  NOT NULL,
    deleted_at  bigint,
    revision    integer NOT NULL CHECK (revision > 0)
);

CREATE UNIQUE INDEX graphs_by_name ON graphs (project, name) WHERE deleted_at IS NULL;
CREATE INDEX graphs_by_project ON graphs (project, id) WHERE deleted_at IS NULL;
CREATE INDEX graphs_deleted ON graphs (id) WHERE deleted_at IS NOT NULL;

CREATE TABLE definitions (
    graph      bigint  NOT NULL REFERENCES graphs (id),
    revision   integer NOT NULL CHECK (revision > 0),
    created_at bigint  NOT NULL,
    text       text    NOT NULL,
    PRIMARY KEY (graph, revision)
);

-- What the current definition of a graph names.
CREATE TABLE graph_references (
    graph bigint NOT NULL REFERENCES graphs (id),
    kind  text   NOT NULL CHECK (kind IN ('function', 'trigger')),
    urn   text   NOT NULL,
    PRIMARY KEY (graph, kind, urn)
);

-- The tables from here on have no foreign keys: each would cost every new row a
-- lookup and a lock, and every commit has read and locked the graph anyway.

-- How many executions of a shard a graph has, so that nobody need count them. A
-- row for each shard: nodes that start executions of one graph do not wait for
-- each other.
CREATE TABLE execution_counts (
    graph      bigint  NOT NULL,
    shard      integer NOT NULL,
    executions bigint  NOT NULL CHECK (executions >= 0),
    PRIMARY KEY (graph, shard)
);

-- The heads of the executions. wake is -1 for never. Names are counted in their
-- index without a look at the rows, as far as these have been vacuumed: so that is
-- done when a fiftieth is new, not a fifth.
CREATE TABLE executions (
    graph      bigint  NOT NULL,
    id         bytea   NOT NULL CHECK (octet_length(id) = 16),
    name       text    COLLATE "C" NOT NULL,
    test       boolean NOT NULL,
    revision   integer NOT NULL,
    status     text    NOT NULL,
    seq        bigint  NOT NULL CHECK (seq > 0),
    started_at bigint  NOT NULL,
    stopped_at bigint  NOT NULL,
    shard      integer NOT NULL,
    wake       bigint  NOT NULL CHECK (wake >= -1),
    PRIMARY KEY (graph, id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02);

CREATE INDEX executions_by_name ON executions (graph, name, id);
CREATE INDEX executions_due ON executions (shard, wake, graph, id) WHERE wake >= 0;

-- One row for each turn: its records from number first_seq on, encoded.
CREATE TABLE journal (
    graph     bigint NOT NULL,
    execution bytea  NOT NULL,
    first_seq bigint NOT NULL CHECK (first_seq > 0),
    records   bytea  NOT NULL,
    PRIMARY KEY (graph, execution, first_seq)
);

CREATE TABLE idempotency_keys (
    graph      bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    request    bytea  NOT NULL CHECK (octet_length(request) = 32),
    execution  bytea  NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (graph, key)
);

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
