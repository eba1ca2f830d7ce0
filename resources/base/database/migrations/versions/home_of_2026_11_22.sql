-- The tables of the version of 22 November 2026 (commit a05e17b), as pg_dump wrote them.

CREATE SCHEMA release;

CREATE SCHEMA restricted;

CREATE FUNCTION restricted.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;

CREATE TABLE release.method_breaks (
    day date NOT NULL,
    version_before character varying(40) NOT NULL,
    version_after character varying(40) NOT NULL,
    reason character varying(24) NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE release.regional_values (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    construct character varying(12) NOT NULL,
    method_version character varying(40) NOT NULL,
    revision integer NOT NULL,
    estimate double precision,
    standard_error double precision,
    value_7d double precision,
    standard_error_7d double precision,
    detectable_change_7d double precision,
    value_28d double precision,
    standard_error_28d double precision,
    detectable_change_28d double precision,
    people_band character varying(8),
    micro_rho integer,
    status character varying(14) NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    CONSTRAINT regional_values_status_check CHECK (((status)::text = ANY ((ARRAY['published'::character varying, 'not_published'::character varying])::text[])))
);

CREATE TABLE release.retractions (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    method_version character varying(40) NOT NULL,
    revision integer NOT NULL,
    scope character varying(10) NOT NULL,
    reason character varying(24) NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT retractions_scope_check CHECK (((scope)::text = ANY ((ARRAY['all'::character varying, 'value_7d'::character varying, 'value_28d'::character varying])::text[])))
);

CREATE TABLE restricted.consent_events (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(10) NOT NULL,
    group_ref character varying(10) NOT NULL,
    mode character varying(10) NOT NULL,
    region character varying(41),
    platform character varying(20),
    employer_ref character varying(10),
    member_basis character varying(24),
    ethics_digest character varying(64),
    informed_on date,
    notice_version character varying(20),
    adult_workplace boolean,
    evidence_digest character varying(64),
    valid_from date,
    valid_until date,
    CONSTRAINT consent_events_kind_check CHECK (((kind)::text = ANY ((ARRAY['granted'::character varying, 'renewed'::character varying, 'withdrawn'::character varying, 'notice'::character varying])::text[])))
);

ALTER TABLE restricted.consent_events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.consent_events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.export_reports (
    group_ref character varying(10) NOT NULL,
    digest character varying(64) NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    code character varying(40),
    first_entry timestamp with time zone,
    last_entry timestamp with time zone,
    entries integer,
    speech integer,
    system integer,
    other integer,
    date_order character varying(8),
    privacy_on_times timestamp with time zone[]
);

CREATE TABLE restricted.faults (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    region character varying(41) NOT NULL,
    day date,
    group_ref character varying(10) NOT NULL,
    stage character varying(20) NOT NULL,
    code character varying(40) NOT NULL,
    run_id character varying(36) NOT NULL
);

ALTER TABLE restricted.faults ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.faults_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.gate_verdicts (
    group_ref character varying(10) NOT NULL,
    day date NOT NULL,
    run_id character varying(36) NOT NULL,
    region character varying(41) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    with_digit integer NOT NULL,
    on_roster integer NOT NULL,
    not_allowed integer NOT NULL,
    messages integer NOT NULL,
    failed integer NOT NULL,
    fired integer NOT NULL,
    too_little integer NOT NULL,
    passed boolean NOT NULL,
    code character varying(40),
    vocabulary_digest character varying(64) NOT NULL,
    tagger_digest character varying(64),
    CONSTRAINT gate_verdicts_check CHECK ((passed = (code IS NULL)))
);

CREATE TABLE restricted.group_days (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    group_ref character varying(10) NOT NULL,
    status character varying(12) NOT NULL,
    export_digest character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT group_days_status_check CHECK (((status)::text = ANY ((ARRAY['scored'::character varying, 'too_small'::character varying])::text[])))
);

CREATE TABLE restricted.group_scores (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    group_ref character varying(10) NOT NULL,
    construct character varying(12) NOT NULL,
    sealed bytea NOT NULL,
    key_id character varying(32) NOT NULL,
    model_version character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE restricted.home (
    single_row boolean NOT NULL,
    home_id character varying(32) NOT NULL,
    mode character varying(10) NOT NULL,
    messages_read bigint NOT NULL,
    CONSTRAINT home_single_row_check CHECK (single_row)
);

CREATE TABLE restricted.layer_failures (
    seq bigint NOT NULL,
    group_ref character varying(10) NOT NULL,
    run_id character varying(36) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    errors character varying(40)[] NOT NULL,
    places character varying(64)[] NOT NULL,
    messages integer NOT NULL
);

ALTER TABLE restricted.layer_failures ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.layer_failures_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.ledger (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(24) NOT NULL,
    region character varying(41),
    day date,
    group_ref character varying(10),
    count integer NOT NULL
);

ALTER TABLE restricted.ledger ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.ledger_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.member_events (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    group_ref character varying(10) NOT NULL,
    kind character varying(10) NOT NULL,
    source character varying(8) NOT NULL,
    day date NOT NULL,
    parts character varying(64)[] NOT NULL,
    initials character varying(64)[] NOT NULL,
    joined character varying(64),
    number character varying(64),
    key_check character varying(64) NOT NULL,
    CONSTRAINT member_events_kind_check CHECK (((kind)::text = ANY ((ARRAY['objected'::character varying, 'opted_in'::character varying, 'withdrawn'::character varying])::text[]))),
    CONSTRAINT member_events_source_check CHECK (((source)::text = ANY ((ARRAY['command'::character varying, 'chat'::character varying])::text[])))
);

ALTER TABLE restricted.member_events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.member_events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.method_shadows (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    method_version character varying(40) NOT NULL,
    from_day date NOT NULL,
    runs boolean NOT NULL
);

ALTER TABLE restricted.method_shadows ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.method_shadows_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.noisy_draws (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    method_version character varying(40) NOT NULL,
    revision integer NOT NULL,
    at timestamp with time zone NOT NULL,
    micro_rho integer NOT NULL,
    person_days bigint NOT NULL,
    burnout bigint NOT NULL,
    resilience bigint NOT NULL,
    resistance bigint NOT NULL
);

CREATE TABLE restricted.notices (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    group_ref character varying(10) NOT NULL,
    code character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    run_id character varying(36) NOT NULL
);

CREATE TABLE restricted.refused_removals (
    group_ref character varying(10) NOT NULL,
    day date NOT NULL,
    run_id character varying(36) NOT NULL,
    layer character varying(24) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    words integer NOT NULL
);

CREATE TABLE restricted.release_approvals (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    ref character varying(10) NOT NULL,
    person character varying(40) NOT NULL
);

ALTER TABLE restricted.release_approvals ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.release_approvals_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.release_people (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    name character varying(40) NOT NULL,
    salt bytea,
    verifier bytea,
    log2_cost smallint,
    CONSTRAINT release_people_check CHECK ((num_nulls(salt, verifier, log2_cost) = ANY (ARRAY[0, 3])))
);

ALTER TABLE restricted.release_people ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.release_people_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.release_reasons (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    method_version character varying(40) NOT NULL,
    revision integer NOT NULL,
    at timestamp with time zone NOT NULL,
    code character varying(40) NOT NULL
);

CREATE TABLE restricted.release_requests (
    ref character varying(10) NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(10) NOT NULL,
    person character varying(40) NOT NULL,
    region character varying(41),
    day date NOT NULL,
    last_day date,
    revision integer,
    method_version character varying(40),
    reason character varying(24),
    CONSTRAINT release_requests_kind_check CHECK (((kind)::text = ANY ((ARRAY['retraction'::character varying, 'revision'::character varying, 'shadow'::character varying, 'adoption'::character varying])::text[])))
);

CREATE TABLE restricted.release_steps (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    method_version character varying(40) NOT NULL,
    revision integer NOT NULL,
    step character varying(8) NOT NULL,
    at timestamp with time zone NOT NULL,
    micro_rho integer NOT NULL,
    CONSTRAINT release_steps_micro_rho_check CHECK ((micro_rho > 0)),
    CONSTRAINT release_steps_step_check CHECK (((step)::text = ANY ((ARRAY['debited'::character varying, 'stored'::character varying, 'burned'::character varying])::text[])))
);

CREATE TABLE restricted.removed_words (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    layer character varying(24) NOT NULL,
    kind character varying(24) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    words bigint NOT NULL
);

CREATE TABLE restricted.rescorings (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    region character varying(41) NOT NULL,
    day date NOT NULL,
    model_before character varying(40) NOT NULL,
    model_after character varying(40) NOT NULL,
    group_days integer NOT NULL
);

ALTER TABLE restricted.rescorings ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME restricted.rescorings_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE restricted.score_revisions (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    group_ref character varying(10) NOT NULL,
    construct character varying(12) NOT NULL,
    revision integer NOT NULL,
    sealed bytea NOT NULL,
    key_id character varying(32) NOT NULL,
    model_version character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT score_revisions_revision_check CHECK ((revision > 0))
);

CREATE TABLE restricted.scrubbed_messages (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    language character varying(24) NOT NULL,
    outcome character varying(24) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    messages bigint NOT NULL,
    CONSTRAINT scrubbed_messages_outcome_check CHECK (((outcome)::text = ANY ((ARRAY['kept'::character varying, 'failed'::character varying, 'fired'::character varying, 'too_little'::character varying])::text[])))
);

CREATE TABLE restricted.seen_senders (
    group_ref character varying(10) NOT NULL,
    sender character varying(64) NOT NULL,
    first_day date NOT NULL,
    key_check character varying(64) NOT NULL
);

CREATE TABLE restricted.vectors (
    region character varying(41) NOT NULL,
    day date NOT NULL,
    group_ref character varying(10) NOT NULL,
    key_id character varying(32) NOT NULL,
    export_digest character varying(64) NOT NULL,
    vocabulary_digest character varying(64) NOT NULL,
    members_seq bigint NOT NULL,
    destroyed boolean NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY release.method_breaks
    ADD CONSTRAINT method_breaks_pkey PRIMARY KEY (day);

ALTER TABLE ONLY release.regional_values
    ADD CONSTRAINT regional_values_pkey PRIMARY KEY (region, day, construct, method_version, revision);

ALTER TABLE ONLY release.retractions
    ADD CONSTRAINT retractions_pkey PRIMARY KEY (region, day, method_version, revision, scope);

ALTER TABLE ONLY restricted.consent_events
    ADD CONSTRAINT consent_events_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.export_reports
    ADD CONSTRAINT export_reports_pkey PRIMARY KEY (group_ref, digest);

ALTER TABLE ONLY restricted.faults
    ADD CONSTRAINT faults_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.gate_verdicts
    ADD CONSTRAINT gate_verdicts_pkey PRIMARY KEY (group_ref, day, run_id);

ALTER TABLE ONLY restricted.group_days
    ADD CONSTRAINT group_days_pkey PRIMARY KEY (region, day, group_ref);

ALTER TABLE ONLY restricted.group_scores
    ADD CONSTRAINT group_scores_pkey PRIMARY KEY (region, day, group_ref, construct);

ALTER TABLE ONLY restricted.home
    ADD CONSTRAINT home_pkey PRIMARY KEY (single_row);

ALTER TABLE ONLY restricted.layer_failures
    ADD CONSTRAINT layer_failures_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.member_events
    ADD CONSTRAINT member_events_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.method_shadows
    ADD CONSTRAINT method_shadows_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.noisy_draws
    ADD CONSTRAINT noisy_draws_pkey PRIMARY KEY (region, day, method_version, revision);

ALTER TABLE ONLY restricted.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (region, day, group_ref, code);

ALTER TABLE ONLY restricted.refused_removals
    ADD CONSTRAINT refused_removals_pkey PRIMARY KEY (group_ref, day, run_id, layer);

ALTER TABLE ONLY restricted.release_approvals
    ADD CONSTRAINT release_approvals_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.release_people
    ADD CONSTRAINT release_people_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.release_reasons
    ADD CONSTRAINT release_reasons_pkey PRIMARY KEY (region, day, method_version, revision);

ALTER TABLE ONLY restricted.release_requests
    ADD CONSTRAINT release_requests_pkey PRIMARY KEY (ref);

ALTER TABLE ONLY restricted.release_steps
    ADD CONSTRAINT release_steps_pkey PRIMARY KEY (region, day, method_version, revision, step);

ALTER TABLE ONLY restricted.removed_words
    ADD CONSTRAINT removed_words_pkey PRIMARY KEY (region, day, layer, kind);

ALTER TABLE ONLY restricted.rescorings
    ADD CONSTRAINT rescorings_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY restricted.score_revisions
    ADD CONSTRAINT score_revisions_pkey PRIMARY KEY (region, day, group_ref, construct, revision);

ALTER TABLE ONLY restricted.scrubbed_messages
    ADD CONSTRAINT scrubbed_messages_pkey PRIMARY KEY (region, day, language, outcome);

ALTER TABLE ONLY restricted.seen_senders
    ADD CONSTRAINT seen_senders_pkey PRIMARY KEY (group_ref, sender);

ALTER TABLE ONLY restricted.vectors
    ADD CONSTRAINT vectors_pkey PRIMARY KEY (region, day, group_ref);

CREATE INDEX ix_restricted_consent_events_group_ref ON restricted.consent_events USING btree (group_ref);

CREATE INDEX ix_restricted_gate_verdicts_recorded_at ON restricted.gate_verdicts USING btree (recorded_at);

CREATE INDEX ix_restricted_layer_failures_group_ref ON restricted.layer_failures USING btree (group_ref);

CREATE INDEX ix_restricted_layer_failures_recorded_at ON restricted.layer_failures USING btree (recorded_at);

CREATE INDEX ix_restricted_member_events_group_ref ON restricted.member_events USING btree (group_ref);

CREATE INDEX ix_restricted_refused_removals_recorded_at ON restricted.refused_removals USING btree (recorded_at);

CREATE INDEX ix_restricted_release_people_name ON restricted.release_people USING btree (name);

CREATE INDEX ix_restricted_removed_words_recorded_at ON restricted.removed_words USING btree (recorded_at);

CREATE INDEX ix_restricted_scrubbed_messages_recorded_at ON restricted.scrubbed_messages USING btree (recorded_at);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.method_breaks FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.regional_values FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.retractions FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.consent_events FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.faults FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.group_days FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.ledger FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.member_events FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.method_shadows FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.noisy_draws FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.notices FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.release_approvals FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.release_people FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.release_reasons FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.release_requests FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.release_steps FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.rescorings FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
