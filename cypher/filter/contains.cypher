(/*operand*/ IS NOT NULL AND /*operand*/ CONTAINS /*value*/)
