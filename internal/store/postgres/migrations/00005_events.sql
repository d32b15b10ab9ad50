-- +goose Up

-- The one row holds the number of the last event that was accepted. Who accepts
-- locks it until it commits: numbers are in the order of the commits.
CREATE TABLE event_numbers (
    id   integer PRIMARY KEY CHECK (id = 1),
    last bigint  NOT NULL
);

INSERT INTO event_numbers (id, last) VALUES (1, 0);

-- Events that are to be handed on. Triggers are known by another migration, and
-- may be deleted meanwhile.
CREATE TABLE inbox (
    trigger     bigint NOT NULL,
    number      bigint NOT NULL CHECK (number > 0),
    payload     text   NOT NULL,
    accepted_at bigint NOT NULL,
    PRIMARY KEY (trigger, number)
);

-- What was accepted, by the hash of its name: it counts once until it expires.
CREATE TABLE arrivals (
    hash       bytea  PRIMARY KEY CHECK (octet_length(hash) = 32),
    expires_at bigint NOT NULL
);

CREATE INDEX arrivals_by_expiry ON arrivals (expires_at);

-- What executions wait for outside. since is the number of the last event that
-- came too early for it, or the time since which it offers work.
CREATE TABLE waits (
    graph     bigint NOT NULL,
    execution bytea  NOT NULL,
    trigger   bigint NOT NULL,
    since     bigint NOT NULL,
    PRIMARY KEY (graph, execution, trigger)
);

CREATE INDEX waits_by_trigger ON waits (trigger, since, graph, execution);
