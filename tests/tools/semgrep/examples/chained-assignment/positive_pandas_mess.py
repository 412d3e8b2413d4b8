import pandas as pd
import numpy as np

def normalise(df_raw: pd.DataFrame) -> pd.DataFrame:
    df_raw['amount'][df_raw.amount < 0] = 0  # finds: chained-assignment
    df_raw.loc[df_raw['kind'] == 'x']['flag'] = True  # finds: chained-assignment
    for i in range(len(df_raw)):
        if df_raw['qty'][i] > 100:
            df_raw['qty'][i] = 100  # finds: chained-assignment
    df_raw['note'].replace('', np.nan, inplace=True)
    return df_raw
