import { randomBytes } from 'node:crypto'
import { Connection } from '@temporalio/client'
import { expect, inject, test } from 'vitest'
import { prepareNamespace, SEARCH_ATTRIBUTES } from '../../src/app/services/temporal-namespace.ts'

test('makes a missing namespace with the search attributes, and is harmless to repeat', async () => {
  const { address } = inject('temporal')
  const namespace = `prepare-${randomBytes(4).toString('hex')}`
  const connection = await Connection.connect({ address })
  try {
    const left = await Promise.all([prepareNamespace(connection, namespace), prepareNamespace(connection, namespace)])
    expect(left).toEqual([[], []])
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]))
    expect(await prepareNamespace(connection, namespace)).toEqual([])
  } finally {
    await connection.close()
  }
})
