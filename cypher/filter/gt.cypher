(/*operand*/ IS NOT NULL AND /*operand*/ > /*value*/)
