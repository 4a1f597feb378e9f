import type { HolderDetail, NewVehicle } from '@dipper/contract/api/holder';
import { Button, Form, Input, Modal, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './residents.module.css';
import type { useResidentAction } from './use-residents.ts';

interface VehicleListProps {
  readonly detail: HolderDetail;
  readonly act: ReturnType<typeof useResidentAction>;
  readonly onOpen: (id: string) => void;
}

/** Vehicles of a resident: each has permits of its own. */
export function VehicleList({ detail, act, onOpen }: VehicleListProps) {
  const { t } = useTranslation(['residents', 'shell']);
  const mayKeep = useAllowed('keepHolders');
  const [isAsking, setAsking] = useState(false);
  return (
    <section className={styles.part}>
      <div className={styles.partHead}>
        <h3>{t('residents:vehicles')}</h3>
        {mayKeep && detail.holder.endedAt === null && (
          <Button onClick={() => setAsking(true)}>{t('residents:addVehicle')}</Button>
        )}
      </div>
      {detail.vehicles.length === 0 && <p className={styles.quiet}>{t('residents:noVehicles')}</p>}
      <ul className={styles.items}>
        {detail.vehicles.map(({ id, name, plates }) => (
          <li key={id} className={styles.item}>
            <span className={styles.what}>
              {name}{' '}
              {plates.map((plate) => (
                <Tag key={plate}>{plate}</Tag>
              ))}
            </span>
            <Button onClick={() => onOpen(id)}>{t('residents:open')}</Button>
          </li>
        ))}
      </ul>
      {isAsking && (
        <Modal
          open
          title={t('residents:addVehicle')}
          footer={null}
          onCancel={() => setAsking(false)}
          mask={{ closable: false }}
        >
          <Form<NewVehicle>
            layout="vertical"
            requiredMark={false}
            onFinish={(body) =>
              act.mutate({ what: 'vehicle', body }, { onSuccess: (made) => 'holder' in made && onOpen(made.holder.id) })
            }
          >
            <FormFailure error={act.error} />
            <Form.Item
              name="plate"
              label={t('residents:value.plate')}
              extra={t('residents:valueHint.plate')}
              rules={[{ required: true, whitespace: true, min: 5, message: t('residents:valueMissing') }]}
            >
              <Input autoComplete="off" spellCheck={false} maxLength={16} autoFocus />
            </Form.Item>
            <Form.Item
              name="name"
              label={t('residents:vehicleName')}
              rules={[{ required: true, whitespace: true, message: t('residents:nameMissing') }]}
            >
              <Input autoComplete="off" maxLength={64} />
            </Form.Item>
            <div className={styles.buttons}>
              <Button onClick={() => setAsking(false)}>{t('shell:cancel')}</Button>
              <Button type="primary" htmlType="submit" loading={act.isPending}>
                {t('residents:save')}
              </Button>
            </div>
          </Form>
        </Modal>
      )}
    </section>
  );
}
