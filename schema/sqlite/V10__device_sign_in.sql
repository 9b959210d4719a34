-- Sign-in of people on devices. A row lives for minutes; every secret in it is a hash.

-- `way` is `loopback` (the browser goes back to `port` on the same machine, with `state`) or `code` (a
-- person types `user_code` in a browser elsewhere, and the device asks by `device_code`). `stage` goes from
-- `begun` over `signed_in` (by an identity provider) to `confirmed` (by the person) and `redeemed`; `denied`
-- ends it. `reference` is what the browser goes by up to the provider, `ticket` from there on, `code` what
-- the device gets.
CREATE TABLE device_sign_ins (
    id BLOB NOT NULL PRIMARY KEY,
    way TEXT NOT NULL,
    stage TEXT NOT NULL,
    challenge TEXT NOT NULL,
    hostname TEXT NOT NULL,
    port INTEGER,
    state TEXT,
    device_code BLOB,
    user_code BLOB,
    reference BLOB,
    ticket BLOB,
    code BLOB,
    email TEXT,
    name TEXT,
    provider TEXT,
    user_id BLOB,
    token_id BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    code_expires_at INTEGER,
    polled_at INTEGER,
    interval_seconds INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX device_sign_ins_by_reference ON device_sign_ins (reference);
CREATE UNIQUE INDEX device_sign_ins_by_ticket ON device_sign_ins (ticket);
CREATE UNIQUE INDEX device_sign_ins_by_code ON device_sign_ins (code);
CREATE UNIQUE INDEX device_sign_ins_by_device_code ON device_sign_ins (device_code);
CREATE UNIQUE INDEX device_sign_ins_by_user_code ON device_sign_ins (user_code);
CREATE INDEX device_sign_ins_by_expiry ON device_sign_ins (expires_at);

-- Since when the device's user is one who signed in on it, and which team it had before that.
ALTER TABLE devices ADD COLUMN signed_in_at INTEGER;
ALTER TABLE devices ADD COLUMN team_before BLOB;
