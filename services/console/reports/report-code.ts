/** Crockford's alphabet leaves out what is read as something else: I, L, O and U. */
const READ_AS: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };
const CODE = /^[0-9A-HJKMNP-TV-Z]{20}$/;

/** The code as the hub gives it out, whatever case, spaces and dashes somebody typed; undefined when it cannot be one. */
export function normalCode(typed: string): string | undefined {
  const bare = typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll(/[ILO]/g, (letter) => READ_AS[letter] ?? letter);
  return CODE.test(bare) ? bare.replaceAll(/(.{4})(?=.)/g, '$1-') : undefined;
}
