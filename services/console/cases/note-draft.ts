const KEY = 'dipper.note.';

/** A note that is being written for a case: it survives a conflict, a lost connection and a reload, until the tab closes. */
export function readDraft(caseId: string): string {
  try {
    return sessionStorage.getItem(KEY + caseId) ?? '';
  } catch {
    return '';
  }
}

export function writeDraft(caseId: string, note: string): void {
  try {
    if (note === '') sessionStorage.removeItem(KEY + caseId);
    else sessionStorage.setItem(KEY + caseId, note);
  } catch {
    // Storage is full or forbidden: the note lives in the form only.
  }
}
