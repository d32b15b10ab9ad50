-- +goose Up

-- An identity, here and below: an id is never used again. A function that is
-- deleted stays, for its invocations to be removed in small steps.
CREATE TABLE functions (
    id                bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    project           text    COLLATE "C" NOT NULL,
    package           text    COLLATE "C" NOT NULL,
    name              text    COLLATE "C" NOT NULL,
    created_at        bigint  NOT NULL,
    deleted           boolean NOT NULL DEFAULT false,
    settings_revision integer NOT NULL DEFAULT 1 CHECK (settings_revision > 0),
    settings          bytea   NOT NULL
);

CREATE UNIQUE INDEX functions_by_name ON functions (project, package, name) WHERE NOT deleted;
CREATE INDEX functions_by_project ON functions (project, id) WHERE NOT deleted;
CREATE INDEX functions_deleted ON functions (id) WHERE deleted;

-- Code is stored once, however many versions have it.
CREATE TABLE function_code (
    digest text   COLLATE "C" PRIMARY KEY,
    size   bigint NOT NULL,
    body   bytea  NOT NULL
);

-- A row is never changed: a change of the latest version takes its place with a
-- new one, and so a new revision.
CREATE TABLE function_versions (
    revision    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    function    bigint NOT NULL REFERENCES functions (id),
    version     text   COLLATE "C" NOT NULL,
    modified_at bigint NOT NULL,
    config      bytea  NOT NULL,
    digest      text   COLLATE "C" REFERENCES function_code (digest)
);

CREATE UNIQUE INDEX function_versions_by_name ON function_versions (function, version);
CREATE INDEX function_versions_by_digest ON function_versions (digest) WHERE digest IS NOT NULL;

-- due is when the invocation is to be claimed, by anybody: its turn, or, while it
-- runs on a node, the end of that claim. ended_at is 0 until it is over.
CREATE TABLE function_invocations (
    id         bytea   PRIMARY KEY CHECK (length(id) = 16),
    function   bigint  NOT NULL,
    qualifier  text    NOT NULL,
    event      bytea   NOT NULL,
    status     text    COLLATE "C" NOT NULL CHECK (status IN ('WAIT', 'RUNNING', 'SUCCESS', 'FAIL', 'DISCARD')),
    node       text    COLLATE "C" NOT NULL DEFAULT '',
    created_at bigint  NOT NULL,
    due        bigint  NOT NULL,
    attempt    integer NOT NULL DEFAULT 0,
    failures   integer NOT NULL DEFAULT 0,
    ended_at   bigint  NOT NULL DEFAULT 0,
    error_code integer NOT NULL DEFAULT 0,
    error      text    NOT NULL DEFAULT ''
);

CREATE INDEX function_invocations_due ON function_invocations (due) WHERE ended_at = 0;
CREATE INDEX function_invocations_by_function ON function_invocations (function, id);
CREATE INDEX function_invocations_waiting ON function_invocations (function) WHERE status = 'WAIT';
CREATE INDEX function_invocations_running ON function_invocations (node) WHERE status = 'RUNNING';
CREATE INDEX function_invocations_ended ON function_invocations (ended_at) WHERE ended_at > 0;
