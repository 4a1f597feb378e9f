import { useEffect, useEffectEvent } from 'react';
import { type DeskAction, deskActionOf, type KeyTarget } from './desk-action.ts';

function targetOf(element: EventTarget | null): KeyTarget {
  if (!(element instanceof HTMLElement)) return 'page';
  if (
    element.isContentEditable ||
    element.closest('input, textarea, select, [role="dialog"], [role="menu"]') !== null
  ) {
    return 'text';
  }
  // A line of the queue is a button, and choosing it again is no use: there, Enter opens the case.
  if (element.closest('[data-queue-line]') !== null) return 'page';
  return element.closest('a, button') === null ? 'page' : 'control';
}

/** Listens to the keyboard as long as the desk is there and `isOn`. */
export function useDeskKeys(act: (action: DeskAction) => void, isOn: boolean): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const action = deskActionOf(event, targetOf(event.target));
    if (action === undefined) return;
    event.preventDefault();
    act(action);
  });
  useEffect(() => {
    if (!isOn) return;
    const listen = (event: KeyboardEvent): void => press(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [isOn]);
}
