-- +goose Up

-- How many of a resource a project has, and may have; quota is NULL until the
-- project's first use of it.
CREATE TABLE quotas (
    project  TEXT    NOT NULL,
    resource TEXT    NOT NULL CHECK (resource IN ('graphs', 'triggers')),
    quota    INTEGER CHECK (quota > 0),
    used     INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (project, resource)
) STRICT, WITHOUT ROWID;

INSERT INTO quotas (project, resource, used)
SELECT project, 'graphs', count(*) FROM graphs WHERE deleted_at IS NULL GROUP BY project;

-- AUTOINCREMENT: an id is never used again. revision grows with everything that
-- becomes of a timer; next is 0 while it is stopped.
CREATE TABLE timers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    revision    INTEGER NOT NULL CHECK (revision > 0),
    graph       INTEGER NOT NULL REFERENCES graphs (id),
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    expression  TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    interval    INTEGER NOT NULL,
    zone        TEXT    NOT NULL,
    misfire     TEXT    NOT NULL CHECK (misfire IN ('skip', 'once', 'all')),
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    next        INTEGER NOT NULL CHECK (next >= 0),
    fired       INTEGER NOT NULL,
    UNIQUE (graph, name),
    CHECK ((expression = '') = (unit <> '' AND interval > 0))
) STRICT;

CREATE INDEX timers_due ON timers (next, id) WHERE next > 0;
