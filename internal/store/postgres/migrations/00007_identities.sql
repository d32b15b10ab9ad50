-- +goose Up

CREATE TABLE projects (
    id         text   COLLATE "C" PRIMARY KEY,
    name       text   COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

-- An identity: an id is never used again. Of a password there is only the hash.
CREATE TABLE users (
    id         bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name       text    COLLATE "C" NOT NULL UNIQUE,
    password   text    NOT NULL,
    disabled   boolean NOT NULL,
    created_at bigint  NOT NULL
);

-- project is '*' for all projects.
CREATE TABLE grants (
    "user"  bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project text   COLLATE "C" NOT NULL,
    role    text   NOT NULL,
    PRIMARY KEY ("user", project)
);

-- secret is sealed under a key that is not in the database.
CREATE TABLE access_keys (
    access     text   COLLATE "C" PRIMARY KEY,
    secret     bytea  NOT NULL,
    "user"     bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project    text   COLLATE "C" NOT NULL,
    created_at bigint NOT NULL
);

CREATE INDEX access_keys_by_user ON access_keys ("user");

-- hash is that of a token, which is kept nowhere.
CREATE TABLE tokens (
    hash       bytea  PRIMARY KEY CHECK (octet_length(hash) = 32),
    "user"     bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project    text   COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL
);

CREATE INDEX tokens_by_user ON tokens ("user");
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
