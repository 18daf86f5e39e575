/** Why rows of a file are left out. */
export const rows = {
  rowProblem: {
    atRow: 'Row {{row}}: {{why}}',
    'sku-empty': 'the SKU is empty',
    'sku-too-long': 'the SKU is too long',
    'sku-unreadable': 'the SKU “{{value}}” contains invisible characters',
    'sku-twice': 'the SKU “{{value}}” occurs twice',
    'sku-unknown': 'there is no SKU “{{value}}”',
    'sku-is-bundle': '“{{value}}” is a bundle: its parts are bought',
    'became-number': 'the spreadsheet has turned the code into the number {{value}}',
    'key-empty': 'the key is empty',
    'key-twice': '“{{value}}” occurs twice',
    'value-empty': 'the value is empty',
    'changes-nothing': '“{{value}}” stands on both sides: this changes nothing',
    'supplier-unknown': 'there is no supplier “{{value}}”',
    'location-unknown': 'there is no place “{{value}}”',
    'not-a-number': '“{{value}}” is no number for {{column}}',
    'not-above-zero': '{{column}} must be above zero',
    'not-a-quantity': '“{{value}}” is not a quantity',
    'cell-unreadable': '{{column}} “{{value}}” cannot be read',
  },
} as const
