import type { AccessPointView } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import type { DaySpan, PolicySchedule } from '@dipper/contract/policy-body';
import { useTranslation } from 'react-i18next';
import { useLanguage, useLocalText } from '../i18n/use-language.ts';
import type { Combination } from './rule-now.ts';
import type { AccessRulebook } from './use-access.ts';
import { clockOf, DAY_MINUTES, DAYS, dayGroupsOf, overnightOf } from './week.ts';

/** What the contract leaves to its defaults (policy-body.ts). */
const FACTOR_WINDOW_SEC = 20;
const PASSAGE_SEC = 10;

export interface AccessWords {
  /** `刷卡、车牌或人脸`, `刷卡 + 密码` */
  readonly ways: (anyOf: readonly Combination[]) => string;
  readonly combination: (combination: readonly string[]) => string;
  /** `周一至周五 08:00–18:00；周六、周日 不开放` */
  readonly week: (weekly: PolicySchedule['weekly']) => string;
  readonly spans: (spans: readonly DaySpan[]) => string;
  /** From where to where. */
  readonly way: (point: AccessPointView, rulebook: AccessRulebook) => string;
  /** What the rules of an access point mean, one sentence each. */
  readonly sentences: (point: AccessPointView, schedules: readonly AccessScheduleView[]) => string[];
}

/** Rules in plain words. */
export function useAccessWords(): AccessWords {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const isChinese = useLanguage() === 'zh';
  const list = new Intl.ListFormat(isChinese ? 'zh-CN' : 'en-GB', { type: 'disjunction' });

  const combination = (factors: readonly string[]): string =>
    factors.map((factor) => t(`factor.${factor as 'card'}`)).join(' + ');
  const ways = (anyOf: readonly Combination[]): string => list.format(anyOf.map(combination));

  const span = ([from, until]: DaySpan): string =>
    from === 0 && until === DAY_MINUTES ? t('allDay') : `${clockOf(from)}–${clockOf(until)}`;
  const spans = (of: readonly DaySpan[]): string => (of.length === 0 ? t('closedDay') : of.map(span).join(', '));
  const day = (index: number): string => t(`days.${DAYS[index] ?? 'mon'}`);
  const days = (indexes: readonly number[]): string => {
    const [first = 0, last = first] = [indexes[0], indexes.at(-1)];
    if (indexes.length === 7) return t('everyDay');
    return indexes.length > 2 ? t('dayRange', { from: day(first), to: day(last) }) : indexes.map(day).join(' ');
  };
  const week = (weekly: PolicySchedule['weekly']): string => {
    const groups = dayGroupsOf(weekly);
    const daily = groups.length === 1 ? overnightOf(groups[0]?.spans ?? []) : undefined;
    if (daily !== undefined) {
      const night = t('overnight', { from: clockOf(daily.night[0]), until: clockOf(daily.night[1]) });
      return `${t('everyDay')} ${[night, ...daily.rest.map(span)].join(', ')}`;
    }
    return groups.map((group) => `${days(group.days)} ${spans(group.spans)}`).join(isChinese ? '；' : '; ');
  };

  const way = ({ fromArea, toArea }: AccessPointView, { areas }: AccessRulebook): string => {
    const nameOf = (id: string | null): string => {
      if (id === null) return t('words.outside');
      const area = areas.find((each) => each.id === id);
      return area === undefined ? id : localText(area.name);
    };
    return t('words.way', { from: nameOf(fromArea), to: nameOf(toArea) });
  };

  const sentences = ({ rules }: AccessPointView, schedules: readonly AccessScheduleView[]): string[] => {
    const said: string[] = [];
    let isConditional = false;
    for (const { schedule: id, anyOf } of rules.factorRules) {
      if (id === undefined) {
        said.push(
          isConditional
            ? t('words.otherwise', { ways: ways(anyOf) })
            : t('words.rule', { when: t('words.always'), ways: ways(anyOf) }),
        );
        isConditional = false;
        break;
      }
      isConditional = true;
      const schedule = schedules.find((each) => each.id === id);
      const when =
        schedule === undefined
          ? t('words.unknownHours')
          : t('words.during', { name: schedule.name, hours: week(schedule.weekly) });
      said.push(t('words.rule', { when, ways: ways(anyOf) }));
    }
    if (isConditional) said.push(t('words.closed'));
    if (rules.factorRules.some(({ anyOf }) => anyOf.some(({ length }) => length === 2))) {
      said.push(t('words.twoFactors', { seconds: rules.factorWindowSec ?? FACTOR_WINDOW_SEC }));
    }
    const { antiPassback, interlock } = rules;
    if (antiPassback !== undefined) {
      const after = antiPassback.minutes;
      const forgotten = after === undefined ? [] : [t('words.passbackMinutes', { minutes: after })];
      said.push([t(`words.passback.${antiPassback.mode}`), ...forgotten].join(isChinese ? '，' : ', '));
    }
    if (interlock !== undefined) said.push(t('words.interlock', { group: interlock }));
    said.push(t('words.passage', { seconds: rules.passageSec ?? PASSAGE_SEC }));
    said.push(t(`words.expired.${rules.whenExpired ?? 'residents-only'}`));
    return said;
  };
  return { ways, combination, week, spans, way, sentences };
}
