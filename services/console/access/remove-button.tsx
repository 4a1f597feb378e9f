import { DeleteOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import type { AccessKind } from './access-action.ts';
import { useAccessAction } from './use-access.ts';

interface RemoveButtonProps {
  readonly kind: AccessKind;
  readonly id: string;
  readonly version: number;
  readonly name: string;
}

/** Deletes a rule's part once that was confirmed; the hub refuses what is still in use. */
export function RemoveButton({ kind, id, version, name }: RemoveButtonProps) {
  const { t } = useTranslation(['access', 'shell']);
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const act = useAccessAction();
  const ask = (): void => {
    modal.confirm({
      title: t('access:removeTitle', { name }),
      content: t(`access:removeHint.${kind}`),
      okText: t('access:remove'),
      okButtonProps: { danger: true },
      cancelText: t('shell:cancel'),
      onOk: () =>
        act.mutateAsync({ what: 'remove', kind, id, version }).then(
          () => void message.success(t('access:removed', { name })),
          (error: unknown) => void message.error(errorText(error).text),
        ),
    });
  };
  return (
    <Button
      icon={<DeleteOutlined />}
      aria-label={t('access:remove')}
      title={t('access:remove')}
      loading={act.isPending}
      onClick={ask}
    />
  );
}
