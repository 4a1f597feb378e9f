import { DeleteOutlined } from '@ant-design/icons';
import type { PtzPreset } from '@dipper/contract/ptz';
import { Button, Input, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useAllowed } from '../session/session-context.ts';
import styles from './ptz.module.css';
import { usePresetCommand } from './use-ptz.ts';

/** Limit of the contract's PresetName. */
const MAX_NAME = 64;

/** The positions that a camera remembers: to go there for all who turn it, to set and remove for those who may. */
export function PresetList({ device, presets }: { readonly device: string; readonly presets: readonly PtzPreset[] }) {
  const { t } = useTranslation(['gates', 'shell']);
  const errorText = useErrorText();
  const mayKeep = useAllowed('keepPresets');
  const command = usePresetCommand(device);
  const [label, setLabel] = useState('');
  const isGoing = ({ token }: PtzPreset): boolean =>
    command.isPending && command.variables.action === 'ptz.preset-go' && command.variables.preset === token;
  const save = (): void => {
    if (label.trim() === '') return;
    command.mutate({ action: 'ptz.preset-set', label: label.trim() }, { onSuccess: () => setLabel('') });
  };
  return (
    <section className={styles.presets} aria-label={t('gates:ptz.presets')}>
      <h3>{t('gates:ptz.presets')}</h3>
      {presets.length === 0 && <p className={styles.quiet}>{t('gates:ptz.noPresets')}</p>}
      <ul>
        {presets.map((preset) => (
          <li key={preset.token}>
            <Button
              disabled={command.isPending}
              loading={isGoing(preset)}
              aria-label={t('gates:ptz.go', { name: preset.name })}
              onClick={() => command.mutate({ action: 'ptz.preset-go', preset: preset.token })}
            >
              {preset.name}
            </Button>
            {mayKeep && (
              <Popconfirm
                title={t('gates:ptz.removeTitle', { name: preset.name })}
                okText={t('gates:action.ptz.preset-remove')}
                cancelText={t('shell:cancel')}
                onConfirm={() => command.mutate({ action: 'ptz.preset-remove', preset: preset.token })}
              >
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('gates:ptz.remove', { name: preset.name })}
                  disabled={command.isPending}
                />
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
      {mayKeep && (
        <form
          className={styles.save}
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <Input
            value={label}
            maxLength={MAX_NAME}
            placeholder={t('gates:ptz.saveAs')}
            aria-label={t('gates:ptz.saveAs')}
            onChange={(event) => setLabel(event.target.value)}
          />
          <Button htmlType="submit" disabled={label.trim() === '' || command.isPending}>
            {t('gates:ptz.save')}
          </Button>
        </form>
      )}
      {command.error !== null && (
        <p className={styles.failure} role="alert">
          {errorText(command.error).text}
        </p>
      )}
    </section>
  );
}
