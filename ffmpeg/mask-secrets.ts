const MASK = '***';

/**
 * Replaces credentials in text that ffmpeg printed: everything before the last `@` of an address (ffmpeg repeats its
 * input address, password included, in most errors), and each of `secrets`, as it is and URL-encoded.
 */
export function maskSecrets(text: string, secrets: readonly string[] = []): string {
  let masked = text.replaceAll(/\/\/[^\s'"]*@/g, `//${MASK}@`);
  for (const secret of secrets) {
    if (secret === '') continue;
    for (const form of new Set([secret, encodeURIComponent(secret), encodeUserinfo(secret)])) {
      masked = masked.replaceAll(form, MASK);
    }
  }
  return masked;
}

/**
 * Percent-encodes a user name or password for the userinfo of an address, RFC 3986 §3.2.1: everything but unreserved
 * characters, so also `!'()*`, which `encodeURIComponent` leaves as they are.
 */
export function encodeUserinfo(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
