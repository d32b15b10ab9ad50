-- +goose Up

-- AUTOINCREMENT: an id is never used again.
CREATE TABLE triggers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT    NOT NULL,
    urn         TEXT    NOT NULL UNIQUE,
    uuid        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    resource    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    definition  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (project, uuid)
) STRICT;

CREATE INDEX triggers_by_resource ON triggers (project, source, resource, id);
CREATE INDEX triggers_by_project ON triggers (project, id);

-- Whether a trigger is named is asked when it is to be deleted.
CREATE INDEX graph_references_by_urn ON graph_references (urn);

-- Which triggers start executions of which graphs. topic is that of the trigger,
-- NULL if it watches none: a graph hears of a topic once.
CREATE TABLE mappings (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    graph      INTEGER NOT NULL REFERENCES graphs (id),
    trigger    INTEGER NOT NULL REFERENCES triggers (id),
    topic      TEXT,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    UNIQUE (graph, trigger),
    UNIQUE (graph, topic)
) STRICT;

CREATE INDEX mappings_by_trigger ON mappings (trigger);
