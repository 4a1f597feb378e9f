import {
  ArrowDownOutlined,
  ArrowLeftOutlined,
  ArrowRightOutlined,
  ArrowUpOutlined,
  ZoomInOutlined,
  ZoomOutOutlined,
} from '@ant-design/icons';
import { Segmented } from 'antd';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './ptz.module.css';
import { directionOf, type PtzDirection, type PtzSpeed, velocityOf } from './ptz-keys.ts';
import { usePtzHold } from './use-ptz.ts';

const ICONS: Readonly<Record<PtzDirection, ReactNode>> = {
  up: <ArrowUpOutlined aria-hidden="true" />,
  left: <ArrowLeftOutlined aria-hidden="true" />,
  right: <ArrowRightOutlined aria-hidden="true" />,
  down: <ArrowDownOutlined aria-hidden="true" />,
  closer: <ZoomInOutlined aria-hidden="true" />,
  wider: <ZoomOutOutlined aria-hidden="true" />,
};
const DIRECTIONS = Object.keys(ICONS) as PtzDirection[];

/** Turns a camera while a button or a key is held. */
export function PtzPad({ device }: { readonly device: string }) {
  const { t } = useTranslation('gates');
  const errorText = useErrorText();
  const [speed, setSpeed] = useState<PtzSpeed>('slow');
  const [held, setHeld] = useState<PtzDirection>();
  const { hold, error, forget } = usePtzHold(device);

  const press = (direction: PtzDirection): void => {
    forget();
    setHeld(direction);
    hold.press(velocityOf(direction, speed));
  };
  const release = (): void => {
    setHeld(undefined);
    hold.release();
  };
  const isPress = ({ key }: KeyboardEvent): boolean => key === 'Enter' || key === ' ';
  const onArrow = (event: KeyboardEvent): void => {
    const direction = directionOf(event.key);
    if (direction === undefined) return;
    event.preventDefault();
    if (!event.repeat) press(direction);
  };
  return (
    <div className={styles.padPart}>
      <fieldset
        className={styles.pad}
        aria-label={t('ptz.pad')}
        onKeyDown={onArrow}
        onKeyUp={(event) => directionOf(event.key) !== undefined && release()}
      >
        {DIRECTIONS.map((direction) => (
          <button
            key={direction}
            type="button"
            className={styles.way}
            data-way={direction}
            data-held={held === direction}
            aria-label={t(`ptz.${direction}`)}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              // The finger may slide off the button: it is still the one that holds it.
              event.currentTarget.setPointerCapture(event.pointerId);
              press(direction);
            }}
            onPointerUp={release}
            onPointerCancel={release}
            onLostPointerCapture={release}
            onContextMenu={(event) => event.preventDefault()}
            onKeyDown={(event) => {
              if (!isPress(event)) return;
              event.preventDefault();
              if (!event.repeat) press(direction);
            }}
            onKeyUp={(event) => isPress(event) && release()}
            onBlur={release}
          >
            {ICONS[direction]}
          </button>
        ))}
      </fieldset>
      <Segmented<PtzSpeed>
        aria-label={t('ptz.speed')}
        value={speed}
        onChange={setSpeed}
        options={(['slow', 'fast'] as const).map((value) => ({ value, label: t(`ptz.${value}`) }))}
      />
      {error !== null && (
        <p className={styles.failure} role="alert">
          {errorText(error).text}
        </p>
      )}
    </div>
  );
}
