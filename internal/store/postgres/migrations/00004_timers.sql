-- +goose Up

-- How many of a resource a project has, and may have; quota is NULL until the
-- project's first use of it.
CREATE TABLE quotas (
    project  text   COLLATE "C" NOT NULL,
    resource text   NOT NULL CHECK (resource IN ('graphs', 'triggers')),
    quota    bigint CHECK (quota > 0),
    used     bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (project, resource)
);

INSERT INTO quotas (project, resource, used)
SELECT project, 'graphs', count(*) FROM graphs WHERE deleted_at IS NULL GROUP BY project;

-- An identity: an id is never used again. revision grows with everything that
-- becomes of a timer; next is 0 while it is stopped.
CREATE TABLE timers (
    id          bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    revision    bigint  NOT NULL CHECK (revision > 0),
    graph       bigint  NOT NULL REFERENCES graphs (id),
    name        text    COLLATE "C" NOT NULL,
    description text    NOT NULL,
    expression  text    NOT NULL,
    unit        text    NOT NULL,
    interval    integer NOT NULL,
    zone        text    NOT NULL,
    misfire     text    NOT NULL CHECK (misfire IN ('skip', 'once', 'all')),
    created_at  bigint  NOT NULL,
    modified_at bigint  NOT NULL,
    started_at  bigint  NOT NULL,
    next        bigint  NOT NULL CHECK (next >= 0),
    fired       bigint  NOT NULL,
    UNIQUE (graph, name),
    CHECK ((expression = '') = (unit <> '' AND interval > 0))
);

CREATE INDEX timers_due ON timers (next, id) WHERE next > 0;
