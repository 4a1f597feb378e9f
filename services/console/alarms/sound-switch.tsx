import { SoundOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import styles from './sound-switch.module.css';

/** Turns the alarm sound on, which browsers allow only by a click, and off. */
export function SoundSwitch() {
  const { t } = useTranslation('shell');
  const { sound } = useHub();
  const isOn = useSyncExternalStore(sound.subscribe, sound.isOn);
  const label = t(isOn ? 'sound.on' : 'sound.off');
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        aria-label={label}
        aria-pressed={isOn}
        className={isOn ? '' : (styles.off ?? '')}
        icon={<SoundOutlined />}
        onClick={() => (isOn ? sound.turnOff() : sound.turnOn())}
      />
    </Tooltip>
  );
}
