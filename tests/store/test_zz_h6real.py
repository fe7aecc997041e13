import time
from domain.imports.params import ImportParams
from store.catalogue import Origin
import store.catalogue as c
from tests.gateways.files.test_real_sets import imported
from tests.conftest import make_member
def test_real(database):
    t=make_member(database).tenant_id
    rows=imported(f"youtube_trending_2017/USvideos.csv.gz", ImportParams()).accepted
    database.ensure_months({f"{r.observed_at:%Y-%m}" for r in rows})
    real=c.Catalogue._run
    names={id(v):k for k,v in vars(__import__('store.catalogue_sql',fromlist=['x'])).items()}
    def run(self, st, **w):
        s=time.perf_counter(); r=real(self, st, **w); d=time.perf_counter()-s
        if d>0.3: print(round(d,2), names.get(id(st), str(st)[:40]), flush=True)
        return r
    c.Catalogue._run=run
    for turn in (1,2):
        for i in (0,2000):
            s=time.perf_counter()
            with database.begin(t) as uow: uow.catalogue.put(rows[i:i+2000], Origin("x","trending"))
            print("turn",turn,i,round(time.perf_counter()-s,2))
