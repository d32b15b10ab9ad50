-- +goose Up

-- The one row holds the number of the last event that was accepted.
CREATE TABLE event_numbers (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;

INSERT INTO event_numbers (id, last) VALUES (1, 0);

-- Events that are to be handed on. Triggers are known by another migration, and
-- may be deleted meanwhile.
CREATE TABLE inbox (
    trigger     INTEGER NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    payload     TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (trigger, number)
) STRICT, WITHOUT ROWID;

-- What was accepted, by the hash of its name: it counts once until it expires.
CREATE TABLE arrivals (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX arrivals_by_expiry ON arrivals (expires_at);

-- What executions wait for outside. since is the number of the last event that
-- came too early for it, or the time since which it offers work.
CREATE TABLE waits (
    graph     INTEGER NOT NULL,
    execution BLOB    NOT NULL,
    trigger   INTEGER NOT NULL,
    since     INTEGER NOT NULL,
    PRIMARY KEY (graph, execution, trigger),
    FOREIGN KEY (graph, execution) REFERENCES executions (graph, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX waits_by_trigger ON waits (trigger, since, graph, execution);
