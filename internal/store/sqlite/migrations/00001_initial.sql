-- +goose Up

-- The one row counts the transactions that were committed.
CREATE TABLE meta (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    commit_number INTEGER NOT NULL
) STRICT;

INSERT INTO meta (id, commit_number) VALUES (1, 0);

-- The last lease of each shard; expires_at is 0 once it has been released.
CREATE TABLE leases (
    shard      INTEGER PRIMARY KEY,
    node       TEXT    NOT NULL,
    epoch      INTEGER NOT NULL CHECK (epoch > 0),
    expires_at INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: an id is never used again. executions counts the rows that the
-- graph has in the table of that name, so that nobody need count them.
CREATE TABLE graphs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER,
    revision    INTEGER NOT NULL CHECK (revision > 0),
    executions  INTEGER NOT NULL DEFAULT 0 CHECK (executions >= 0)
) STRICT;

CREATE UNIQUE INDEX graphs_by_name ON graphs (project, name) WHERE deleted_at IS NULL;
CREATE INDEX graphs_by_project ON graphs (project, id) WHERE deleted_at IS NULL;
CREATE INDEX graphs_deleted ON graphs (id) WHERE deleted_at IS NOT NULL;

CREATE TABLE definitions (
    graph      INTEGER NOT NULL REFERENCES graphs (id),
    revision   INTEGER NOT NULL CHECK (revision > 0),
    created_at INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    PRIMARY KEY (graph, revision)
) STRICT;

-- What the current definition of a graph names.
CREATE TABLE graph_references (
    graph INTEGER NOT NULL REFERENCES graphs (id),
    kind  TEXT    NOT NULL CHECK (kind IN ('function', 'trigger')),
    urn   TEXT    NOT NULL,
    PRIMARY KEY (graph, kind, urn)
) STRICT, WITHOUT ROWID;

-- The heads of the executions. wake is -1 for never.
CREATE TABLE executions (
    graph      INTEGER NOT NULL REFERENCES graphs (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    name       TEXT    NOT NULL,
    test       INTEGER NOT NULL CHECK (test IN (0, 1)),
    revision   INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    seq        INTEGER NOT NULL CHECK (seq > 0),
    started_at INTEGER NOT NULL,
    stopped_at INTEGER NOT NULL,
    shard      INTEGER NOT NULL,
    wake       INTEGER NOT NULL CHECK (wake >= -1),
    PRIMARY KEY (graph, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX executions_by_name ON executions (graph, name, id);
CREATE INDEX executions_due ON executions (shard, wake, graph, id) WHERE wake >= 0;

-- One row for each turn: its records from number first_seq on, encoded.
CREATE TABLE journal (
    graph     INTEGER NOT NULL,
    execution BLOB    NOT NULL,
    first_seq INTEGER NOT NULL CHECK (first_seq > 0),
    records   BLOB    NOT NULL,
    PRIMARY KEY (graph, execution, first_seq),
    FOREIGN KEY (graph, execution) REFERENCES executions (graph, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    graph      INTEGER NOT NULL REFERENCES graphs (id),
    key        TEXT    NOT NULL,
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    execution  BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (graph, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
