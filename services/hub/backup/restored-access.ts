import type pg from 'pg';
import { hasColumn } from './catalog.ts';

/**
 * What a backup brings back may have been ended since it was made: a session that was signed out, a token that was revoked,
 * a code that was used. So nobody is signed in after a restore, no code counts, and each token waits until its owner says
 * that it still does. Of a backup whose schema cannot hold tokens back, they end.
 *
 * @param client in the transaction of the restore, before its triggers are back
 */
export async function endRestoredAccess(client: pg.ClientBase): Promise<void> {
  await client.query('update dipper.session set revoked_at = now() where revoked_at is null');
  if (await hasColumn(client, 'api_token', 'id')) {
    const held = (await hasColumn(client, 'api_token', 'held_at')) ? 'held_at' : 'revoked_at';
    await client.query(`update dipper.api_token set ${held} = now() where revoked_at is null`);
  }
  if (await hasColumn(client, 'password_code', 'account_id')) await client.query('delete from dipper.password_code');
  if (await hasColumn(client, 'enrolment', 'code_expires_at')) {
    await client.query('update dipper.enrolment set code_expires_at = now() where code_used_at is null');
  }
}
