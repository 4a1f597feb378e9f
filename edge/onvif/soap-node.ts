/**
 * Reading what `onvif` (through xml2js) makes of a SOAP body: every element an array of values, a value a string, or an
 * object when it has attributes (`$`), children or both (`_` is the text). Its own shortening (`linerase`) is not used:
 * it turns firmware 1.10 into the number 1.1 and the token "true" into a boolean.
 */
export type SoapNode = unknown;

function record(node: SoapNode): Record<string, unknown> | undefined {
  const value: unknown = Array.isArray(node) ? node[0] : node;
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
}

/** All children of that name, in document order. */
export function children(node: SoapNode, name: string): SoapNode[] {
  const parent = record(node);
  if (parent === undefined || !Object.hasOwn(parent, name)) return [];
  const found = parent[name];
  return Array.isArray(found) ? found : [found];
}

/** The first child of that name, or undefined. */
export function child(node: SoapNode, name: string): SoapNode {
  return children(node, name)[0];
}

/** The text of an element, trimmed; undefined when it is absent or empty. */
export function textOf(node: SoapNode): string | undefined {
  const value: unknown = Array.isArray(node) ? node[0] : node;
  const text = typeof value === 'string' ? value : record(value)?.['_'];
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The text of an element as a finite number, or undefined. */
export function numberOf(node: SoapNode): number | undefined {
  const text = textOf(node);
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The `token` attribute, by which ONVIF names its things; always a string. */
export function tokenOf(node: SoapNode): string | undefined {
  const attributes = record(record(node)?.['$']);
  const token = attributes?.['token'];
  return typeof token === 'string' && token !== '' ? token : undefined;
}
