CREATE TABLE restricted.settings_events (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamp with time zone NOT NULL,
    what varchar(24) NOT NULL,
    digest varchar(64) NOT NULL,
    CHECK (what IN ('home', 'study', 'models', 'head_lost'))
);
CREATE TABLE restricted.chain_entries (
    entry bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    of_table varchar(40) NOT NULL,
    of_row varchar(64) NOT NULL,
    salt bytea NOT NULL,
    commitment bytea NOT NULL
);
CREATE INDEX ix_restricted_chain_entries_of_table_of_row
    ON restricted.chain_entries (of_table, of_row);
CREATE TABLE restricted.chain_links (
    number bigint PRIMARY KEY,
    entry bigint NOT NULL UNIQUE,
    before bytea NOT NULL UNIQUE,
    link bytea NOT NULL UNIQUE
);
CREATE TABLE restricted.chain_waiting (entry bigint PRIMARY KEY);
CREATE TABLE restricted.member_salts (
    commitment bytea PRIMARY KEY,
    seq bigint UNIQUE,
    salt bytea NOT NULL
);
CREATE TABLE restricted.member_waiting (commitment bytea PRIMARY KEY);
CREATE TABLE restricted.member_batches (
    number bigint PRIMARY KEY,
    commitments bytea NOT NULL,
    before bytea NOT NULL UNIQUE,
    link bytea NOT NULL UNIQUE
);
CREATE TABLE restricted.chain_openings (
    day date PRIMARY KEY,
    number bigint NOT NULL,
    batch bigint NOT NULL,
    nonce bytea NOT NULL
);
CREATE TABLE release.chain_heads (
    day date PRIMARY KEY,
    head varchar(64) NOT NULL
);
CREATE TABLE release.row_digests (digest varchar(64) PRIMARY KEY);

CREATE FUNCTION restricted.chain_salt() RETURNS bytea
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
$$;

CREATE FUNCTION restricted.chain_link(of_entry bigint, to_commitment bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_number bigint;
    last_link bytea;
BEGIN
    SELECT number, link INTO last_number, last_link
        FROM restricted.chain_links ORDER BY number DESC LIMIT 1;
    last_number := coalesce(last_number, 0) + 1;
    last_link := coalesce(last_link, sha256('tideline chain'::bytea));
    INSERT INTO restricted.chain_links VALUES (
        last_number, of_entry, last_link, sha256(last_link || int8send(last_number) || to_commitment)
    );
END $$;

CREATE FUNCTION restricted.chain_catch_up(most integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        DELETE FROM restricted.chain_waiting AS waiting
            USING restricted.chain_entries AS made
            WHERE made.entry = waiting.entry AND waiting.entry IN (
                SELECT entry FROM restricted.chain_waiting ORDER BY entry LIMIT most
            )
            RETURNING made.entry, made.commitment
    LOOP
        PERFORM restricted.chain_link(one.entry, one.commitment);
    END LOOP;
END $$;

CREATE FUNCTION restricted.chain_add(of_table text, row_key text, content text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own_salt bytea := restricted.chain_salt();
    own_commitment bytea;
    own_entry bigint;
BEGIN
    own_commitment := sha256(
        own_salt || convert_to(concat_ws(E'\n', of_table, row_key, content), 'UTF8')
    );
    INSERT INTO restricted.chain_entries (of_table, of_row, salt, commitment)
        VALUES (
            of_table, encode(sha256(convert_to(row_key, 'UTF8')), 'hex'), own_salt, own_commitment
        )
        RETURNING entry INTO own_entry;
    -- Nobody waits for the chain, least of all who leaves: what comes next links what could not be.
    IF current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(7431906)
    THEN
        -- Nor does a broken chain keep anybody from leaving.
        BEGIN
            IF EXISTS (SELECT FROM restricted.chain_waiting) THEN
                PERFORM restricted.chain_catch_up(50);
            END IF;
            PERFORM restricted.chain_link(own_entry, own_commitment);
            RETURN;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END IF;
    INSERT INTO restricted.chain_waiting VALUES (own_entry);
END $$;

CREATE FUNCTION restricted.chain_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
    content jsonb := jsonb_strip_nulls(to_jsonb(NEW));
BEGIN
    PERFORM restricted.chain_add(
        TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
        (SELECT jsonb_agg(content -> of_key ORDER BY place)
            FROM unnest(TG_ARGV) WITH ORDINALITY AS keys (of_key, place))::text,
        content::text
    );
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- The row stands, and is found to be in no chain.
    RETURN NULL;
END $$;

CREATE FUNCTION restricted.digest_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$ BEGIN
    INSERT INTO release.row_digests VALUES (encode(sha256(convert_to(
        concat_ws(
            E'\n', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, jsonb_strip_nulls(to_jsonb(NEW))::text
        ), 'UTF8'
    )), 'hex')) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION restricted.chain_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
    own_salt bytea := restricted.chain_salt();
    own_commitment bytea;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM restricted.member_salts WHERE seq = OLD.seq;
        RETURN NULL;
    END IF;
    own_commitment := sha256(
        own_salt || convert_to(jsonb_strip_nulls(to_jsonb(NEW))::text, 'UTF8')
    );
    INSERT INTO restricted.member_salts VALUES (own_commitment, NEW.seq, own_salt);
    INSERT INTO restricted.member_waiting VALUES (own_commitment);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

CREATE FUNCTION restricted.chain_batch() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size CONSTANT integer := 64;
    taken bytea[];
    own_salt bytea;
    filler bytea;
    together bytea;
    last_number bigint;
    last_link bytea;
BEGIN
    WITH gone AS (
        DELETE FROM restricted.member_waiting WHERE commitment IN (
            SELECT commitment FROM restricted.member_waiting ORDER BY commitment LIMIT size
        ) RETURNING commitment
    ) SELECT coalesce(array_agg(commitment), '{}') INTO taken FROM gone;
    WHILE cardinality(taken) < size LOOP
        own_salt := restricted.chain_salt();
        filler := sha256(own_salt || 'filler'::bytea);
        INSERT INTO restricted.member_salts VALUES (filler, NULL, own_salt);
        taken := taken || filler;
    END LOOP;
    SELECT string_agg(one, ''::bytea ORDER BY one) INTO together FROM unnest(taken) AS one;
    SELECT number, link INTO last_number, last_link
        FROM restricted.member_batches ORDER BY number DESC LIMIT 1;
    last_number := coalesce(last_number, 0) + 1;
    last_link := coalesce(last_link, sha256('tideline members'::bytea));
    INSERT INTO restricted.member_batches VALUES (
        last_number, together, last_link, sha256(last_link || int8send(last_number) || together)
    );
END $$;

CREATE FUNCTION restricted.chain_head(of_day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    own_nonce bytea := restricted.chain_salt();
    last_number bigint;
    last_link bytea;
    last_batch bigint;
    batch_link bytea;
    own_head text;
BEGIN
    PERFORM pg_advisory_xact_lock(7431906);
    PERFORM restricted.chain_catch_up(5000);
    SELECT head INTO own_head FROM release.chain_heads WHERE day = of_day;
    IF own_head IS NOT NULL THEN
        RETURN own_head;
    END IF;
    PERFORM restricted.chain_batch();
    SELECT number, link INTO last_number, last_link
        FROM restricted.chain_links ORDER BY number DESC LIMIT 1;
    SELECT number, link INTO last_batch, batch_link
        FROM restricted.member_batches ORDER BY number DESC LIMIT 1;
    own_head := encode(sha256(
        convert_to('tideline head ' || to_char(of_day, 'YYYY-MM-DD'), 'UTF8')
        || coalesce(last_link, sha256('tideline chain'::bytea))
        || batch_link
        || own_nonce
    ), 'hex');
    INSERT INTO restricted.chain_openings
        VALUES (of_day, coalesce(last_number, 0), last_batch, own_nonce);
    INSERT INTO release.chain_heads VALUES (of_day, own_head);
    RETURN own_head;
END $$;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.settings_events
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.chain_entries
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.chain_links
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.member_batches
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.chain_openings
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.chain_heads
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.row_digests
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER chained AFTER INSERT OR DELETE ON restricted.member_events
    FOR EACH ROW EXECUTE FUNCTION restricted.chain_member();
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA restricted FROM PUBLIC;
