-- +goose Up

-- AUTOINCREMENT, here and below: an id is never used again. A function that is
-- deleted stays, for its invocations to be removed in small steps.
CREATE TABLE functions (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    project           TEXT    NOT NULL,
    package           TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    created_at        INTEGER NOT NULL,
    deleted           INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    settings_revision INTEGER NOT NULL DEFAULT 1 CHECK (settings_revision > 0),
    settings          BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX functions_by_name ON functions (project, package, name) WHERE deleted = 0;
CREATE INDEX functions_by_project ON functions (project, id) WHERE deleted = 0;
CREATE INDEX functions_deleted ON functions (id) WHERE deleted = 1;

-- Code is stored once, however many versions have it.
CREATE TABLE function_code (
    digest TEXT    PRIMARY KEY,
    size   INTEGER NOT NULL,
    body   BLOB    NOT NULL
) STRICT;

-- A row is never changed: a change of the latest version takes its place with a
-- new one, and so a new revision.
CREATE TABLE function_versions (
    revision    INTEGER PRIMARY KEY AUTOINCREMENT,
    function    INTEGER NOT NULL REFERENCES functions (id),
    version     TEXT    NOT NULL,
    modified_at INTEGER NOT NULL,
    config      BLOB    NOT NULL,
    digest      TEXT REFERENCES function_code (digest)
) STRICT;

CREATE UNIQUE INDEX function_versions_by_name ON function_versions (function, version);
CREATE INDEX function_versions_by_digest ON function_versions (digest) WHERE digest IS NOT NULL;

-- due is when the invocation is to be claimed, by anybody: its turn, or, while it
-- runs on a node, the end of that claim. ended_at is 0 until it is over.
CREATE TABLE function_invocations (
    id         BLOB    PRIMARY KEY CHECK (length(id) = 16),
    function   INTEGER NOT NULL,
    qualifier  TEXT    NOT NULL,
    event      BLOB    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('WAIT', 'RUNNING', 'SUCCESS', 'FAIL', 'DISCARD')),
    node       TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    attempt    INTEGER NOT NULL DEFAULT 0,
    failures   INTEGER NOT NULL DEFAULT 0,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    error_code INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX function_invocations_due ON function_invocations (due) WHERE ended_at = 0;
CREATE INDEX function_invocations_by_function ON function_invocations (function, id);
CREATE INDEX function_invocations_waiting ON function_invocations (function) WHERE status = 'WAIT';
CREATE INDEX function_invocations_running ON function_invocations (node) WHERE status = 'RUNNING';
CREATE INDEX function_invocations_ended ON function_invocations (ended_at) WHERE ended_at > 0;
