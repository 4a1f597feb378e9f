import { EllipsisOutlined } from '@ant-design/icons';
import type { DeviceView } from '@dipper/contract/api/inventory';
import type { DoorAction } from '@dipper/contract/door-action';
import { Button, Dropdown } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useAllowed } from '../session/session-context.ts';
import { actionsOf, type GateObstacle, MORE_ACTIONS, TILE_ACTIONS } from './gate-access.ts';
import { GateDialog } from './gate-dialog.tsx';
import styles from './gates.module.css';
import { useGateCommand } from './use-gate-command.ts';

interface GateControlsProps {
  readonly gate: DeviceView;
  readonly obstacle: GateObstacle | undefined;
}

/** The guard's hand on one gate: what it can be told, and what came of the last that it was told. */
export function GateControls({ gate, obstacle }: GateControlsProps) {
  const { t } = useTranslation('gates');
  const localText = useLocalText();
  const mayBlock = useAllowed('blockGates');
  const command = useGateCommand(gate.id);
  const [asked, setAsked] = useState<DoorAction>();
  const obstacleId = useId();
  const isOff = obstacle !== undefined || command.isPending;
  const described = obstacle === undefined ? {} : { 'aria-describedby': obstacleId };
  const offered = actionsOf(gate);
  const allowed = (action: DoorAction): boolean => offered.includes(action) && (action !== 'block' || mayBlock);
  const more = MORE_ACTIONS.filter(allowed).map((action) => ({
    key: action,
    label: t(`action.${action}`),
    onClick: () => setAsked(action),
  }));
  return (
    <>
      <div className={styles.actions}>
        {TILE_ACTIONS.filter(allowed).map((action) => (
          <Button
            key={action}
            type={action === 'open' ? 'primary' : 'default'}
            disabled={isOff}
            onClick={() => setAsked(action)}
            {...described}
          >
            {t(`action.${action}`)}
          </Button>
        ))}
        {more.length > 0 && (
          <Dropdown menu={{ items: more }} trigger={['click']} disabled={isOff}>
            <Button icon={<EllipsisOutlined />} aria-label={t('more')} disabled={isOff} {...described} />
          </Dropdown>
        )}
      </div>
      {obstacle !== undefined && (
        <p className={styles.obstacle} id={obstacleId}>
          {t(`obstacle.${obstacle}`)}
        </p>
      )}
      <GateOutcome command={command} />
      {asked !== undefined && (
        <GateDialog
          gate={localText(gate.name)}
          action={asked}
          onClose={() => setAsked(undefined)}
          onGive={(reason) => {
            setAsked(undefined);
            command.mutate({ action: asked, reason });
          }}
        />
      )}
    </>
  );
}

/** Said from what the gate was seen to do, not from the hub's having taken the command. */
function GateOutcome({ command }: { readonly command: ReturnType<typeof useGateCommand> }) {
  const { t } = useTranslation(['gates', 'devices']);
  const errorText = useErrorText();
  if (command.isPending) {
    return (
      <p className={styles.outcome} role="status">
        {t('gates:underWay', { action: t(`gates:action.${command.variables.action}`) })}
      </p>
    );
  }
  if (command.error !== null) {
    return (
      <p className={styles.outcome} role="alert" data-outcome="failed">
        {t('gates:failed', { action: t(`gates:action.${command.variables.action}`) })} {errorText(command.error).text}
      </p>
    );
  }
  if (command.data === undefined) return null;
  const { action, door } = command.data;
  const seen = door === null ? '' : t('gates:seen', { position: t(`devices:position.${door.position}`) });
  return (
    <p className={styles.outcome} role="status" data-outcome="done">
      {t('gates:done', { action: t(`gates:action.${action as DoorAction}`) })} {seen}
    </p>
  );
}
