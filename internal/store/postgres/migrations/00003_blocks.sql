-- +goose Up

-- The executions of a graph in blocks, as package block explains. A block is
-- surveyed when executions is not NULL. changes counts what was taken out of it
-- or put into it otherwise than by a start.
CREATE TABLE blocks (
    graph      bigint NOT NULL,
    block      bigint NOT NULL,
    changes    bigint NOT NULL DEFAULT 0,
    executions bigint CHECK (executions >= 0),
    first_id   bytea,
    last_id    bytea,
    PRIMARY KEY (graph, block),
    CHECK ((executions IS NULL) = (first_id IS NULL) AND (executions IS NULL) = (last_id IS NULL))
);

CREATE INDEX blocks_not_surveyed ON blocks (graph, block) WHERE executions IS NULL;

-- The names of surveyed blocks, by range.
CREATE TABLE block_names (
    graph      bigint NOT NULL,
    block      bigint NOT NULL,
    first      text   COLLATE "C" NOT NULL,
    last       text   COLLATE "C" NOT NULL,
    executions bigint NOT NULL CHECK (executions >= 0),
    PRIMARY KEY (graph, block, first)
);

-- The open block of a graph. A start reads it FOR SHARE, so that a block that is
-- closed has all that was added to it.
ALTER TABLE graphs ADD COLUMN block bigint NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN block bigint NOT NULL DEFAULT 0;

DROP INDEX executions_by_name;

UPDATE executions e SET block = placed.block
FROM (SELECT graph, id, (row_number() OVER (PARTITION BY graph ORDER BY id) - 1) / 4096 AS block FROM executions) AS placed
WHERE e.graph = placed.graph AND e.id = placed.id AND placed.block > 0;

CREATE INDEX executions_by_name ON executions (graph, block, name, id);

INSERT INTO blocks (graph, block) SELECT DISTINCT graph, block FROM executions;
INSERT INTO blocks (graph, block) SELECT id, 0 FROM graphs ON CONFLICT DO NOTHING;
UPDATE graphs SET block = (SELECT max(block) FROM blocks b WHERE b.graph = graphs.id);
