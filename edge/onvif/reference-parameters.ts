/** What a subscription wants to find in the header of each message to it. */
export interface ReferenceParameters {
  /** Header blocks, as the device wrote them. */
  readonly headers: string;
  /** Declarations of the prefixes that these use without declaring them, ` xmlns:a="…"`. */
  readonly namespaces: string;
}

const NONE: ReferenceParameters = { headers: '', namespaces: '' };

/** A subscription number takes some hundred characters; a device has no business to have us send more. */
const MAX_CHARS = 2_048;
const MAX_PREFIXES = 8;

/**
 * The reference parameters of the endpoint in a reply (WS-Addressing 1.0 Core §3.3: copied into the header of every message
 * to that endpoint), taken from the text because a parsed document has lost its prefixes. Axis and some Dahua cameras give
 * all subscriptions the same address and tell them apart by these.
 */
export function referenceParametersFrom(text: string): ReferenceParameters {
  const start = /<((?:[\w.-]+:)?ReferenceParameters)(?:\s[^<>]*)?>/.exec(text);
  if (start === null || start[0].endsWith('/>')) return NONE;
  const from = start.index + start[0].length;
  const headers = text.slice(from, Math.max(from, text.indexOf(`</${start[1]}`, from))).trim();
  if (headers === '' || headers.length > MAX_CHARS) return NONE;
  const prefixes = new Set(Array.from(headers.matchAll(/<\/?([\w.-]+):/g), ([, prefix = '']) => prefix));
  const namespaces = [...prefixes].slice(0, MAX_PREFIXES).flatMap((prefix) => {
    const declaration = new RegExp(`\\sxmlns:${prefix.replaceAll('.', '\\.')}\\s*=\\s*("[^"<]*"|'[^'<]*')`);
    return declaration.test(headers) ? [] : (declaration.exec(text)?.[0] ?? []);
  });
  return { headers, namespaces: namespaces.join('') };
}
