-- +goose Up

-- The executions of a graph in blocks, as package block explains. A block is
-- surveyed when executions is not NULL. changes counts what was taken out of it
-- or put into it otherwise than by a start.
CREATE TABLE blocks (
    graph      INTEGER NOT NULL REFERENCES graphs (id),
    block      INTEGER NOT NULL,
    changes    INTEGER NOT NULL DEFAULT 0,
    executions INTEGER CHECK (executions >= 0),
    first_id   BLOB,
    last_id    BLOB,
    PRIMARY KEY (graph, block),
    CHECK ((executions IS NULL) = (first_id IS NULL) AND (executions IS NULL) = (last_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_not_surveyed ON blocks (graph, block) WHERE executions IS NULL;

-- The names of surveyed blocks, by range.
CREATE TABLE block_names (
    graph      INTEGER NOT NULL,
    block      INTEGER NOT NULL,
    first      TEXT    NOT NULL,
    last       TEXT    NOT NULL,
    executions INTEGER NOT NULL CHECK (executions >= 0),
    PRIMARY KEY (graph, block, first),
    FOREIGN KEY (graph, block) REFERENCES blocks (graph, block)
) STRICT, WITHOUT ROWID;

-- The open block of a graph.
ALTER TABLE graphs ADD COLUMN block INTEGER NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN block INTEGER NOT NULL DEFAULT 0;

DROP INDEX executions_by_name;

UPDATE executions SET block = placed.block
FROM (SELECT graph, id, (row_number() OVER (PARTITION BY graph ORDER BY id) - 1) / 4096 AS block FROM executions) AS placed
WHERE executions.graph = placed.graph AND executions.id = placed.id AND placed.block > 0;

CREATE INDEX executions_by_name ON executions (graph, block, name, id);

INSERT INTO blocks (graph, block) SELECT DISTINCT graph, block FROM executions;
INSERT INTO blocks (graph, block) SELECT id, 0 FROM graphs WHERE true ON CONFLICT DO NOTHING;
UPDATE graphs SET block = (SELECT max(block) FROM blocks b WHERE b.graph = graphs.id);
