import type { AlarmFigures } from '@dipper/contract/api/alarm-figures';
import { useTranslation } from 'react-i18next';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './step-chart.module.css';

const MINUTE_MS = 60_000;
const HEIGHT = 100;
const GAP = 0.15;

/** Announced alarms over time, a bar per step; drawn here, since a charting library is three times the page. */
export function StepChart({ figures }: { readonly figures: AlarmFigures }) {
  const { t } = useTranslation('operator');
  const formats = useTimeFormats();
  const { from, until, stepMin, steps } = figures;
  const fromMs = Date.parse(from);
  const untilMs = Date.parse(until);
  const width = Math.max(1, Math.ceil((untilMs - fromMs) / (stepMin * MINUTE_MS)));
  const peak = Math.max(1, ...steps.map(({ alarms }) => alarms));
  const label = t('figures.overTimeLabel', { minutes: stepMin, peak });
  return (
    <figure className={styles.chart}>
      <figcaption>{label}</figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {steps.map(({ at, alarms }) => {
          const height = (alarms / peak) * HEIGHT;
          const x = Math.round((Date.parse(at) - fromMs) / (stepMin * MINUTE_MS));
          return (
            <rect key={at} x={x + GAP / 2} y={HEIGHT - height} width={1 - GAP} height={height}>
              <title>{`${formats.full(Date.parse(at), untilMs)}: ${alarms}`}</title>
            </rect>
          );
        })}
      </svg>
      <p className={styles.axis}>
        <span>{formats.full(fromMs, untilMs)}</span>
        <span>{formats.full(untilMs, untilMs)}</span>
      </p>
    </figure>
  );
}
