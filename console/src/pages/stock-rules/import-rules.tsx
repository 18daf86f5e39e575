import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef } from 'react'
import type { ReactElement } from 'react'
import { readRuleFile } from '../../api/stock-rules.ts'
import type { RuleBody } from '../../api/stock-rules.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { useRowProblem } from '../../ui/row-problem.ts'

/** Reads a file of rules and hands them on to be looked at; rows it cannot read are named, and then nothing goes on. */
export const ImportRules = ({ onRead }: { readonly onRead: (rules: readonly RuleBody[]) => void }): ReactElement => {
  const { t } = useWords()
  const input = useRef<HTMLInputElement>(null)
  const read = useMutation({
    mutationFn: (file: File) => readRuleFile(file),
    onSuccess: (found) => {
      if (found.refused.length === 0 && found.put.length > 0) onRead(found.put)
    },
  })
  const refused = read.data?.refused ?? []
  const problemOf = useRowProblem()
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.xlsx,.tsv,.txt"
        aria-label={t('rules.import')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file !== undefined) read.mutate(file)
          event.target.value = ''
        }}
      />
      <Button icon={<Icon name="upload" />} loading={read.isPending} onClick={() => input.current?.click()}>
        {t('rules.import')}
      </Button>
      {(refused.length > 0 || read.isError || read.data?.put.length === 0) && (
        <span className="bad s12" role="alert" title={refused.map(problemOf).join('\n')}>
          {read.error?.message ??
            (refused[0] === undefined ? t('rules.noRows') : t('rules.refusedRow', { count: refused.length, first: problemOf(refused[0]) }))}
        </span>
      )}
    </>
  )
}
