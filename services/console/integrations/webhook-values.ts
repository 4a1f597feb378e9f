import { PRIORITIES, type Priority } from '@dipper/contract/api/alarm';
import type { MessageType, NewWebhook, WebhookChange, WebhookFormat, WebhookView } from '@dipper/contract/api/webhook';
import { minutesFrom } from './unseen-text.ts';

/** What the form holds. */
export interface WebhookValues {
  readonly name: string;
  readonly format: WebhookFormat;
  readonly url?: string;
  readonly types: MessageType[];
  readonly priorities: Priority[];
  readonly unseen: Readonly<Record<Priority, string>>;
  readonly from?: string;
  readonly until?: string;
  readonly language: 'zh' | 'en';
  readonly secret?: string;
}

/** What the form shows of a webhook, or of a new one. */
export function valuesOf(webhook: WebhookView | undefined, language: 'zh' | 'en'): WebhookValues {
  const minutes = (priority: Priority): string => webhook?.unseen[priority]?.join(', ') ?? '';
  return {
    name: webhook?.name ?? '',
    format: webhook?.format ?? 'standard',
    types: webhook?.types ?? ['alarm.created', 'alarm.unseen', 'case.created'],
    priorities: webhook?.filter.priorities ?? [],
    unseen: { critical: minutes('critical'), high: minutes('high'), medium: minutes('medium'), low: minutes('low') },
    from: webhook?.quietHours?.from ?? '',
    until: webhook?.quietHours?.until ?? '',
    language: webhook?.language ?? language,
  };
}

/** What is sent to the hub; the filter keeps what the form does not show. */
export function bodyOf(values: WebhookValues, known: WebhookView | undefined): NewWebhook | WebhookChange {
  const { name, types, priorities, unseen, from = '', until = '', language, url = '', secret = '' } = values;
  const { priorities: _, ...filter } = known?.filter ?? {};
  const levels = PRIORITIES.map((priority) => [priority, minutesFrom(unseen[priority]) ?? []] as const);
  return {
    name,
    types,
    filter: priorities.length === 0 ? filter : { ...filter, priorities },
    unseen: Object.fromEntries(levels.filter(([, minutes]) => minutes.length > 0)),
    quietHours: from === '' ? null : { from, until },
    language,
    ...(url === '' ? {} : { url }),
    ...(secret === '' ? {} : { secret }),
    ...(known === undefined ? { format: values.format, url } : {}),
  };
}
