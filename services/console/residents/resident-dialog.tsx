import type { NewHolder } from '@dipper/contract/api/holder';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { usePlaceTree } from '../places/use-place-tree.ts';
import styles from './residents.module.css';
import { useEnterResident } from './use-residents.ts';

/** Enters a resident. @param onClose with the id of whoever was entered */
export function ResidentDialog({ onClose }: { readonly onClose: (id?: string) => void }) {
  const { t } = useTranslation(['residents', 'shell']);
  const localText = useLocalText();
  const { data: tree, isPending } = usePlaceTree();
  const enter = useEnterResident();
  const estates = tree?.estates ?? [];
  const [only] = estates.length === 1 ? estates : [];
  return (
    <Modal open title={t('residents:enter')} footer={null} onCancel={() => onClose()} mask={{ closable: false }}>
      <Form<NewHolder>
        key={only?.id}
        layout="vertical"
        requiredMark={false}
        initialValues={only === undefined ? {} : { estate: only.id }}
        onFinish={(values) => enter.mutate(values, { onSuccess: ({ holder }) => onClose(holder.id) })}
      >
        <FormFailure error={enter.error} />
        <Form.Item
          name="estate"
          label={t('residents:estate')}
          rules={[{ required: true, message: t('residents:estateMissing') }]}
        >
          <Select
            loading={isPending}
            showSearch={{ optionFilterProp: 'label' }}
            options={estates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
          />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('residents:name')}
          rules={[{ required: true, whitespace: true, message: t('residents:nameMissing') }]}
        >
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item name="unit" label={t('residents:unit')} extra={t('residents:unitHint')}>
          <Input autoComplete="off" maxLength={32} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={() => onClose()}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={enter.isPending}>
            {t('residents:save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
