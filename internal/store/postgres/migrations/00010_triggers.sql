-- +goose Up

-- An identity: an id is never used again.
CREATE TABLE triggers (
    id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    project     text   COLLATE "C" NOT NULL,
    urn         text   COLLATE "C" NOT NULL UNIQUE,
    uuid        text   COLLATE "C" NOT NULL,
    source      text   COLLATE "C" NOT NULL,
    resource    text   COLLATE "C" NOT NULL,
    name        text   COLLATE "C" NOT NULL,
    description text   NOT NULL,
    definition  text   NOT NULL,
    created_at  bigint NOT NULL,
    UNIQUE (project, uuid)
);

CREATE INDEX triggers_by_resource ON triggers (project, source, resource, id);
CREATE INDEX triggers_by_project ON triggers (project, id);

-- Whether a trigger is named is asked when it is to be deleted.
CREATE INDEX graph_references_by_urn ON graph_references (urn);

-- Which triggers start executions of which graphs. topic is that of the trigger,
-- NULL if it watches none: a graph hears of a topic once.
CREATE TABLE mappings (
    id         bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    graph      bigint  NOT NULL REFERENCES graphs (id),
    trigger    bigint  NOT NULL REFERENCES triggers (id),
    topic      text    COLLATE "C",
    enabled    boolean NOT NULL,
    created_at bigint  NOT NULL,
    UNIQUE (graph, trigger),
    UNIQUE (graph, topic)
);

CREATE INDEX mappings_by_trigger ON mappings (trigger);
