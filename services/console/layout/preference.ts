/** What a reader chose about the page, kept in this browser. Private windows may forbid storage: then it lasts until reload. */
const KEY = 'dipper.';

export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(KEY + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(KEY + name, value);
  } catch {
    // Storage is full or forbidden: the choice holds for this page only.
  }
}
