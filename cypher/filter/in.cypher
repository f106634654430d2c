(/*operand*/ IS NOT NULL AND /*operand*/ IN /*value*/)
