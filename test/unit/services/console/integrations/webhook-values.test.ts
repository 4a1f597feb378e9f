import type { WebhookView } from '@dipper/contract/api/webhook';
import { describe, expect, it } from 'vitest';
import { minutesFrom } from '../../../../../services/console/integrations/unseen-text.ts';
import { bodyOf, valuesOf } from '../../../../../services/console/integrations/webhook-values.ts';

describe('minutes as a person writes them', () => {
  it.each([
    ['', []],
    ['10, 2，2、5', [2, 5, 10]],
    ['0', undefined],
    ['1441', undefined],
    ['2.5', undefined],
    ['1 2 3 4 5 6', undefined],
    ['soon', undefined],
  ])('%s', (text, minutes) => expect(minutesFrom(text)).toEqual(minutes));
});

describe('the form of a webhook', () => {
  const known = {
    name: 'Property',
    format: 'standard',
    types: ['alarm.created'],
    filter: { priorities: ['critical'], estates: ['lanting'] },
    unseen: { critical: [2, 10] },
    quietHours: { from: '22:00', until: '07:00' },
    language: 'en',
  } as unknown as WebhookView;

  it('sends what is there unchanged, the part of the filter that it does not show included', () => {
    expect(bodyOf(valuesOf(known, 'zh'), known)).toEqual({
      name: 'Property',
      types: ['alarm.created'],
      filter: { priorities: ['critical'], estates: ['lanting'] },
      unseen: { critical: [2, 10] },
      quietHours: { from: '22:00', until: '07:00' },
      language: 'en',
    });
  });

  it('sends address and format of a new one, and no quiet hours where none were given', () => {
    const values = { ...valuesOf(undefined, 'zh'), name: 'New', url: 'https://hooks.example.cn/' };
    expect(bodyOf(values, undefined)).toMatchObject({
      format: 'standard',
      url: values.url,
      quietHours: null,
      unseen: {},
      language: 'zh',
    });
  });
});
