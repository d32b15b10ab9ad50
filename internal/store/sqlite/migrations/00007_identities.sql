-- +goose Up

CREATE TABLE projects (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an id is never used again. Of a password there is only the hash.
CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    password   TEXT    NOT NULL,
    disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- project is '*' for all projects.
CREATE TABLE grants (
    user    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    PRIMARY KEY (user, project)
) STRICT, WITHOUT ROWID;

-- secret is sealed under a key that is not in the database.
CREATE TABLE access_keys (
    access     TEXT    PRIMARY KEY,
    secret     BLOB    NOT NULL,
    user       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_keys_by_user ON access_keys (user);

-- hash is that of a token, which is kept nowhere.
CREATE TABLE tokens (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    user       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project    TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_user ON tokens (user);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
