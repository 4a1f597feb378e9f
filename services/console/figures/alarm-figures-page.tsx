import type { AlarmFigures } from '@dipper/contract/api/alarm-figures';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import { useDurationText } from '../time/use-time.ts';
import styles from './alarm-figures-page.module.css';
import { percent, rateText, standingOf } from './figure-text.ts';
import { StepChart } from './step-chart.tsx';
import { useAlarmFigures } from './use-alarm-figures.ts';

/** Acceptable and manageable, ISA-18.2 clause 16 and EEMUA 191: alarms per operator-hour, alarms in ten minutes, time in flood. */
const RATE_GOALS = [6, 12] as const;
const PEAK_GOALS = [10, 20] as const;
const FLOOD_GOALS = [0.01, 0.05] as const;
/** Ours: nine of ten in time is well, less than seven is not. Shares of those that were late. */
const LATE_GOALS = [0.1, 0.3] as const;
const RANGES = [
  ['day', 1],
  ['week', 7],
  ['month', 30],
] as const;

/** 告警统计: how alarms load whoever is on duty, and where they come from. */
export function AlarmFiguresPage() {
  const { t } = useTranslation('operator');
  const [days, setDays] = useState<number>(1);
  const { data: figures, error, refetch } = useAlarmFigures(days);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('figures.title')}</h1>
        <Segmented
          aria-label={t('figures.rangeLabel')}
          value={days}
          onChange={setDays}
          options={RANGES.map(([range, value]) => ({ value, label: t(`figures.range.${range}`) }))}
        />
      </header>
      {figures !== undefined ? (
        <Figures figures={figures} />
      ) : error === null ? (
        <Loading rows={8} />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

function Figures({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  return (
    <>
      <Tiles figures={figures} />
      {figures.announced === 0 ? (
        <Notice title={t('figures.none')} />
      ) : (
        <>
          <section className={styles.panel}>
            <h2>{t('figures.overTime')}</h2>
            <StepChart figures={figures} />
          </section>
          <div className={styles.columns}>
            <Worst figures={figures} />
            <Priorities figures={figures} />
          </div>
        </>
      )}
      <Stale figures={figures} />
    </>
  );
}

function Tiles({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  const inTime = figures.priorities.reduce((sum, row) => sum + row.inTime, 0);
  const share = figures.announced === 0 ? 1 : inTime / figures.announced;
  const { perOperatorHour, peakPerTenMin, floodShare, floods, announced, late, silenced } = figures;
  return (
    <dl className={styles.tiles}>
      <Tile
        name={t('figures.rate')}
        value={rateText(perOperatorHour)}
        goal={t('figures.rateGoal')}
        look={standingOf(perOperatorHour, RATE_GOALS)}
      />
      <Tile
        name={t('figures.peak')}
        value={String(peakPerTenMin)}
        goal={t('figures.peakGoal')}
        look={standingOf(peakPerTenMin, PEAK_GOALS)}
      />
      <Tile
        name={t('figures.floodShare')}
        value={percent(floodShare)}
        goal={t('figures.floodGoal', { count: floods.length })}
        look={standingOf(floodShare, FLOOD_GOALS)}
      />
      <Tile
        name={t('figures.inTime')}
        value={percent(share)}
        goal={`${inTime} / ${announced}`}
        look={standingOf(1 - share, LATE_GOALS)}
      />
      <Tile
        name={t('figures.announced')}
        value={String(announced)}
        goal={t('figures.quiet', { late, silenced })}
        look="plain"
      />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly goal: string;
  readonly look: 'good' | 'fair' | 'bad' | 'plain';
}

function Tile({ name, value, goal, look }: TileProps) {
  return (
    <div className={styles.tile} data-look={look}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd className={styles.goal}>{goal}</dd>
    </div>
  );
}

function Worst({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  const localText = useLocalText();
  const places = usePlaces();
  return (
    <section className={styles.panel}>
      <h2>{t('figures.worst')}</h2>
      <p className={styles.quiet}>{t('figures.worstShare', { share: percent(figures.worstShare) })}</p>
      <ol className={styles.sources}>
        {figures.worst.map((source) => (
          <li key={`${source.rule} ${source.estate} ${source.place} ${source.device} ${source.title.zh}`}>
            <span
              className={styles.bar}
              style={{ width: `${(source.announced / (figures.worst[0]?.announced ?? 1)) * 100}%` }}
            />
            <span className={styles.source}>
              {localText(source.title)}
              <span className={styles.quiet}> {places.whereOf(source)}</span>
            </span>
            <span className={styles.number}>
              {source.chattering > 0 && <em>{t('figures.chattering')}</em>} {source.announced} · {percent(source.share)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Priorities({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  const durationText = useDurationText();
  return (
    <section className={styles.panel}>
      <h2>{t('figures.priorities')}</h2>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('figures.priority')}</th>
            <th scope="col">{t('figures.count')}</th>
            <th scope="col">{t('figures.inTime')}</th>
            <th scope="col">{t('figures.limit')}</th>
            <th scope="col">{t('figures.median')}</th>
          </tr>
        </thead>
        <tbody>
          {figures.priorities.map((row) => (
            <tr key={row.priority}>
              <th scope="row">
                <PriorityMark priority={row.priority} />
              </th>
              <td>{row.announced}</td>
              <td>{row.announced === 0 ? '–' : percent(row.inTime / row.announced)}</td>
              <td>{durationText(row.withinSec * 1_000)}</td>
              <td>{row.medianSec === null ? '–' : durationText(row.medianSec * 1_000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Stale({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  const localText = useLocalText();
  const places = usePlaces();
  return (
    <section className={styles.panel}>
      <h2>{t('figures.stale')}</h2>
      {figures.stale.length === 0 && <p className={styles.quiet}>{t('figures.staleNone')}</p>}
      <ul className={styles.stale}>
        {figures.stale.map((alarm) => (
          <li key={alarm.id}>
            <PriorityMark priority={alarm.priority} isShort /> {localText(alarm.title)}
            <span className={styles.quiet}>
              {places.whereOf(alarm)} · {t('figures.since')} <Moment at={alarm.raisedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
