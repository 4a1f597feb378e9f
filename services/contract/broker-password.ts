import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** Of mosquitto_passwd. Passwords of programs are long random ones: what is iterated is of no account. */
const ITERATIONS = 101;
export const BROKER_SALT_BYTES = 12;
const HASH_BYTES = 64;

/** As the password file of Mosquitto 2 has it: `$7$`, iterations, salt and PBKDF2 with SHA-512 in base64. */
export function hashBrokerPassword(password: string, salt: Uint8Array): string {
  const hash = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `$7$${ITERATIONS}$${Buffer.from(salt).toString('base64')}$${hash.toString('base64')}`;
}

/** Whether a password is the one that a hash of `hashBrokerPassword` was made of. */
export function isBrokerPassword(hash: string, password: Uint8Array): boolean {
  const [, kind, iterations, salt = '', expected = ''] = hash.split('$');
  if (kind !== '7' || Number(iterations) !== ITERATIONS) return false;
  const given = pbkdf2Sync(password, Buffer.from(salt, 'base64'), ITERATIONS, HASH_BYTES, 'sha512');
  const wanted = Buffer.from(expected, 'base64');
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
