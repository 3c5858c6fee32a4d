import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The most payment methods of a customer, whoever adds them and however many do so at once: each waits for the ones
 * before it at the customer's row, and then counts what they stored.
 */
export class MethodsLimit1700000000023 implements MigrationInterface {
  name = 'MethodsLimit1700000000023'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION ramp_payment_method_limit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM FROM ramp_customer WHERE id = NEW.owner_id FOR NO KEY UPDATE;
        IF (SELECT count(*) FROM ramp_payment_method
            WHERE owner_id = NEW.owner_id AND owner_kind = 'customer' AND deleted_at IS NULL) >= 100 THEN
          RAISE check_violation USING MESSAGE = 'the customer has as many payment methods as it may have',
            CONSTRAINT = 'ramp_payment_method_limit';
        END IF;
        RETURN NEW;
      END $$`)
    await runner.query(`
      CREATE TRIGGER ramp_payment_method_limit BEFORE INSERT ON ramp_payment_method
      FOR EACH ROW WHEN (NEW.owner_kind = 'customer') EXECUTE FUNCTION ramp_payment_method_limit()`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER ramp_payment_method_limit ON ramp_payment_method`)
    await runner.query(`DROP FUNCTION ramp_payment_method_limit()`)
  }
}
