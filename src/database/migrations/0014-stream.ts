import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What receives and sends by STREAM: the shared secret, totals of receipts, and what a quote found out of a path. */
export class Stream1700000000014 implements MigrationInterface {
  name = 'Stream1700000000014'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      INSERT INTO service_secret VALUES ('stream_secret', encode(sha256(convert_to(
        gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'base64'))`)
    // What is lost with a crash of the server is a total that starts again; receipts never promise money.
    await runner.query(`
      CREATE UNLOGGED TABLE stream_total (
        connection_id bytea CONSTRAINT stream_total_pkey PRIMARY KEY
          CONSTRAINT stream_total_connection_id_length CHECK (length(connection_id) = 32),
        total numeric(20, 0) NOT NULL CONSTRAINT stream_total_total CHECK (total >= 0),
        expires_at timestamptz NOT NULL
      )`)
    await runner.query(`CREATE INDEX stream_total_expires ON stream_total (expires_at)`)
    await runner.query(`
      ALTER TABLE quote
        ADD COLUMN low_rate_numerator numeric,
        ADD COLUMN low_rate_denominator numeric,
        ADD COLUMN high_rate_numerator numeric,
        ADD COLUMN high_rate_denominator numeric,
        ADD COLUMN max_packet_amount numeric(20, 0),
        ADD CONSTRAINT quote_path CHECK (
          num_nonnulls(low_rate_numerator, low_rate_denominator, high_rate_numerator, high_rate_denominator,
            max_packet_amount) IN (0, 5)
          AND least(low_rate_numerator, low_rate_denominator, high_rate_numerator, high_rate_denominator,
            max_packet_amount) > 0)`)
    await runner.query(`
      ALTER TABLE outgoing_payment
        ADD COLUMN delivered_amount numeric(20, 0) NOT NULL DEFAULT 0,
        ADD CONSTRAINT outgoing_payment_delivered_amount CHECK (delivered_amount >= 0)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE quote DROP CONSTRAINT quote_path, DROP COLUMN low_rate_numerator, DROP COLUMN low_rate_denominator, DROP COLUMN high_rate_numerator,
        DROP COLUMN high_rate_denominator, DROP COLUMN max_packet_amount`)
    await runner.query(`ALTER TABLE outgoing_payment DROP COLUMN delivered_amount`)
    await runner.query(`DROP TABLE stream_total`)
    await runner.query(`DELETE FROM service_secret WHERE name = 'stream_secret'`)
  }
}
