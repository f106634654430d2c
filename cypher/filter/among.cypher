(/*value*/[item.id] IS NOT NULL)
